package compat

import "net/http"

// What Restante does not do answers in the original's shape where it has room to
// say so, so that a suite goes on and its report names the reason. Nothing
// pretends that a check has passed.

const (
	noHTMLCheck = "The HTML check is not offered by Restante"
	noLinkCheck = "Not checked: Restante makes no outgoing connections"
	noSpamCheck = "The SpamAssassin check is not offered by Restante"
)

type htmlCheck struct {
	Platforms map[string][]string
	Total     struct {
		Nodes, Tests                    int
		Supported, Partial, Unsupported float32
	}
	Warnings []htmlWarning
}

type htmlWarning struct {
	Slug, Title, Description, URL, Category, Keywords string
	Tags                                              []string
	NotesByNumber                                     map[string]string
	Results                                           []struct{}
	Score                                             struct {
		Found                           int
		Supported, Partial, Unsupported float32
	}
}

func (s *server) checkHTML(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.asked(r); err != nil {
		return err
	}
	return writeJSON(w, htmlCheck{
		Platforms: map[string][]string{},
		Warnings: []htmlWarning{{
			Slug: "not-offered", Title: noHTMLCheck, Description: noHTMLCheck, Category: "html",
			Tags: []string{}, NotesByNumber: map[string]string{}, Results: []struct{}{},
		}},
	})
}

type linkCheck struct {
	Errors int
	Links  []checkedLink
}

type checkedLink struct {
	URL        string
	StatusCode int
	Status     string
}

func (s *server) checkLinks(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.asked(r); err != nil {
		return err
	}
	return writeJSON(w, linkCheck{Errors: 1, Links: []checkedLink{{StatusCode: http.StatusNotImplemented, Status: noLinkCheck}}})
}

type spamCheck struct {
	Error  string
	IsSpam bool
	Rules  []struct{} // null, as Mailpit has it beside an error
	Score  float64
}

func (s *server) checkSpam(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.asked(r); err != nil {
		return err
	}
	return writeJSON(w, spamCheck{Error: noSpamCheck})
}

func refuseRelease(http.ResponseWriter, *http.Request) error {
	return refuse(http.StatusNotImplemented, "Restante never sends mail on: release is not offered. The message is unchanged.")
}

func refuseChaos(http.ResponseWriter, *http.Request) error {
	return refuse(http.StatusNotImplemented, "Chaos is not offered by Restante.")
}

func refuseJim(http.ResponseWriter, *http.Request) error {
	return refuse(http.StatusNotFound, "Jim is not here.")
}
