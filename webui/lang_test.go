package webui

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"restante/mailstore/message"
)

var placeholder = regexp.MustCompile(`\{\w+\}`)

// words are one text, or one for each number that a language tells apart.
type words map[string]string

func (w *words) UnmarshalJSON(octets []byte) error {
	var text string
	if json.Unmarshal(octets, &text) == nil {
		*w = words{"other": text}
		return nil
	}
	return json.Unmarshal(octets, (*map[string]string)(w))
}

// langTable reads the words of a language.
func langTable(t *testing.T, name string) map[string]words {
	t.Helper()
	octets, err := assetFiles.ReadFile("assets/lang/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var table map[string]words
	if err := json.Unmarshal(octets, &table); err != nil {
		t.Fatal(err)
	}
	for key, w := range table {
		for form, text := range w {
			if text == "" || form != "one" && form != "other" {
				t.Errorf("%s: %s has %q for %s", name, key, text, form)
			}
		}
		if w["other"] == "" {
			t.Errorf("%s: %s has no words", name, key)
		}
	}
	if lines := strings.Count(string(octets), "\n  \""); len(table) != lines {
		t.Errorf("%s has %d keys on %d lines: is one there twice?", name, len(table), lines)
	}
	return table
}

// Both languages have the same keys, with the same blanks to fill, and the page
// uses all of them.
func TestLanguagesAreEqual(t *testing.T) {
	t.Parallel()
	en, zh := langTable(t, "en.json"), langTable(t, "zh.json")
	blanks := func(text string) []string {
		found := placeholder.FindAllString(text, -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	for _, key := range slices.Sorted(maps.Keys(en)) {
		if zh[key] == nil {
			t.Errorf("zh.json has no %s", key)
			continue
		}
		want := blanks(en[key]["other"])
		if got := blanks(zh[key]["other"]); !slices.Equal(got, want) {
			t.Errorf("%s: zh.json fills %q, en.json %q", key, got, want)
		}
		for _, b := range blanks(en[key]["one"]) {
			if !slices.Contains(want, b) {
				t.Errorf("%s: one fills %s, other does not", key, b)
			}
		}
	}
	for key := range zh {
		if en[key] == nil {
			t.Errorf("en.json has no %s", key)
		}
	}
}

// Each defect is told in both languages, in English as the API has it.
func TestDefectsAreInBothLanguages(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../mailstore/message/defect.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`(?m)^\t\w+ += "([a-z0-9-]+)"$`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 30 {
		t.Fatalf("there are %d codes", len(codes))
	}
	en, zh := langTable(t, "en.json"), langTable(t, "zh.json")
	for _, c := range codes {
		key := "defect." + c[1]
		if got, want := en[key]["other"], message.Sentence(c[1]); got != want || want == "" {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
		if zh[key] == nil {
			t.Errorf("zh.json has no %s", key)
		}
	}
}

func TestEveryWordIsUsed(t *testing.T) {
	t.Parallel()
	en := langTable(t, "en.json")
	used := make(map[string]bool)
	var begun []string // what keys that are put together begin with
	literal := regexp.MustCompile("[\"`](" + strings.Join(langSections(en), "|") + `)(\.[\w.-]*)(["` + "`" + `]|\$\{)`)
	err := fs.WalkDir(assetFiles, "assets/js", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := assetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			if m[3] == "${" || strings.HasSuffix(m[2], ".") {
				begun = append(begun, m[1]+m[2])
				continue
			}
			used[m[1]+m[2]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(en)) {
		if !used[key] && !slices.ContainsFunc(begun, func(b string) bool { return strings.HasPrefix(key, b) }) {
			t.Errorf("nothing uses %s", key)
		}
	}
}

// langSections are the first words of the keys.
func langSections(table map[string]words) []string {
	sections := make(map[string]bool)
	for key := range table {
		section, _, _ := strings.Cut(key, ".")
		sections[section] = true
	}
	return slices.Sorted(maps.Keys(sections))
}
