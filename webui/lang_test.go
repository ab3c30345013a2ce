package webui

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// langEntry is a line of a table of words: a text, or one for each number.
var (
	langEntry   = regexp.MustCompile(`"([a-z]+\.[\w.-]+)":\s*("(?:[^"\\]|\\.)*"|\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})`)
	langForm    = regexp.MustCompile(`(?:(one|other):\s*)?"((?:[^"\\]|\\.)*)"`)
	placeholder = regexp.MustCompile(`\{\w+\}`)
)

// langTable reads a table: for each key the forms of its text.
func langTable(t *testing.T, name string) map[string]map[string]string {
	t.Helper()
	source, err := assetFiles.ReadFile("assets/js/lang/" + name)
	if err != nil {
		t.Fatal(err)
	}
	table := make(map[string]map[string]string)
	for _, m := range langEntry.FindAllStringSubmatch(string(source), -1) {
		key, value := m[1], m[2]
		if table[key] != nil {
			t.Errorf("%s has %s twice", name, key)
		}
		table[key] = make(map[string]string)
		for _, f := range langForm.FindAllStringSubmatch(value, -1) {
			form := f[1]
			if form == "" {
				form = "other"
			}
			table[key][form] = f[2]
		}
		if table[key]["other"] == "" {
			t.Errorf("%s: %s has no words: %s", name, key, value)
		}
	}
	if lines := strings.Count(string(source), "\n  \""); len(table) != lines {
		t.Errorf("%s has %d lines that begin with a key, but %d entries can be read", name, lines, len(table))
	}
	return table
}

// Both languages have the same keys, with the same blanks to fill, and the page
// uses all of them.
func TestLanguagesAreEqual(t *testing.T) {
	t.Parallel()
	en, zh := langTable(t, "en.js"), langTable(t, "zh.js")
	blanks := func(text string) []string {
		found := placeholder.FindAllString(text, -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	for _, key := range slices.Sorted(maps.Keys(en)) {
		if zh[key] == nil {
			t.Errorf("zh.js has no %s", key)
			continue
		}
		want := blanks(en[key]["other"])
		if got := blanks(zh[key]["other"]); !slices.Equal(got, want) {
			t.Errorf("%s: zh.js fills %q, en.js %q", key, got, want)
		}
		for _, b := range blanks(en[key]["one"]) {
			if !slices.Contains(want, b) {
				t.Errorf("%s: one fills %s, other does not", key, b)
			}
		}
	}
	for key := range zh {
		if en[key] == nil {
			t.Errorf("en.js has no %s", key)
		}
	}
}

func TestEveryWordIsUsed(t *testing.T) {
	t.Parallel()
	en := langTable(t, "en.js")
	used := make(map[string]bool)
	var begun []string // what keys that are put together begin with
	literal := regexp.MustCompile("[\"`](" + strings.Join(langSections(en), "|") + `)(\.[\w.-]*)(["` + "`" + `]|\$\{)`)
	err := fs.WalkDir(assetFiles, "assets/js", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Dir(name) == "assets/js/lang" {
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
func langSections(table map[string]map[string]string) []string {
	sections := make(map[string]bool)
	for key := range table {
		section, _, _ := strings.Cut(key, ".")
		sections[section] = true
	}
	return slices.Sorted(maps.Keys(sections))
}
