package bounce

import (
	"slices"
	"strings"

	"restante/mailstore"
)

// noReply tells why an automatic reply may not be sent (RFC 3834 §2).
func (o *Original) noReply(submitted string, to mailstore.ForwardPath) string {
	if submitted != "" && submitted != "no" {
		return "Auto-Submitted is " + submitted
	}
	for _, f := range o.fields {
		name := strings.ToLower(f.Name)
		if strings.HasPrefix(name, "list-") { // RFC 2369, RFC 2919
			return "it came over a list: it has " + f.Name
		}
	}
	if p, _ := o.value("Precedence"); slices.Contains([]string{"bulk", "junk", "list"}, strings.ToLower(p)) {
		return "Precedence is " + p
	}
	local, _, _ := strings.Cut(strings.ToLower(o.Message.Envelope.ReversePath), "@")
	if local == "mailer-daemon" || strings.HasPrefix(local, "owner-") || strings.HasSuffix(local, "-request") {
		return "the reverse-path is no person's: " + o.Message.Envelope.ReversePath
	}
	if !o.addresses(to) {
		return "its header does not name the recipient"
	}
	return ""
}

// addresses tells whether To or Cc names the recipient. Sub-addresses may differ:
// the fault is asked for in one.
func (o *Original) addresses(to mailstore.ForwardPath) bool {
	for _, list := range [...][]mailstore.Address{o.Message.To, o.Message.Cc} {
		for _, a := range list {
			if strings.EqualFold(a.Address, to.Address) || to.Mailbox != "" && strings.EqualFold(o.bare(a.Address), o.bare(to.Address)) {
				return true
			}
		}
	}
	return false
}

// bare is an address without its sub-address.
func (o *Original) bare(address string) string {
	i := strings.LastIndexByte(address, '@')
	if i < 0 || o.Separator == "" {
		return address
	}
	local, _, _ := strings.Cut(address[:i], o.Separator)
	return local + address[i:]
}

// autoreply writes an automatic reply (RFC 3834 §3).
func (r *report) autoreply(from mailstore.ForwardPath) {
	o := r.o
	r.header("<"+from.Address+">", "Auto: "+o.Message.Subject, "auto-replied")
	if id := oneLine(o.Message.MessageID); id != "" { // RFC 3834 §3.1.6
		r.field("In-Reply-To", "<"+id+">")
		references, _ := o.value("References")
		if len(references) > maxLine/2 {
			references = ""
		}
		r.field("References", strings.TrimSpace(references+" <"+id+">"))
	}
	r.field("Content-Type", "text/plain; charset=utf-8")
	r.field("Content-Transfer-Encoding", "8bit")
	r.line()
	r.line("I am out of the office and shall read your message when I am back.")
	r.line()
	r.line("This is an automatic reply from ", oneLine(from.Address), ".")
}
