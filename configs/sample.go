package configs

import (
	"fmt"
	"strings"
)

// Sample is the commented settings file with every setting at its default:
// restante.yaml.
func Sample() string {
	var b strings.Builder
	b.WriteString(`# Settings of Restante, every one at its default. Keep the lines that you change.
#
# Read from the file that --config or RESTANTE_CONFIG names, else from
# restante/restante.yaml in your configuration directory (~/.config on Linux).
# A flag wins over a variable, a variable over this file.
`)
	heading := ""
	for _, s := range Settings() {
		if s.Group != heading {
			heading = s.Group
			fmt.Fprintf(&b, "\n# %s\n", strings.ToUpper(heading))
		}
		b.WriteString("\n")
		for _, line := range Wrap(s.Help, 76) {
			fmt.Fprintf(&b, "# %s\n", line)
		}
		fmt.Fprintf(&b, "# Takes %s. Variable: %s.\n", s.Allowed(), s.Env)
		fmt.Fprintf(&b, "%s: %s\n", s.Key, yamlText(s.Default))
		if s.Name == "fault-prefix" {
			b.WriteString(sampleRules)
		}
	}
	return b.String()
}

// Effective is the settings of c as a settings file, each with where it came
// from.
func (l *Loader) Effective(c *Config) string {
	var b strings.Builder
	for _, s := range Settings() {
		line := fmt.Sprintf("%s: %s", s.Key, yamlText(s.Text(c)))
		fmt.Fprintf(&b, "%-40s # %s\n", line, l.Origin(s.Name))
	}
	for i, r := range c.Faults {
		if i == 0 {
			fmt.Fprintf(&b, "%s:\n", rulesKey)
		}
		fmt.Fprintf(&b, "  - %s # %s\n", r.JSON, r.Place(""))
	}
	return b.String()
}

// The markers that the table of settings stands between, in the README.
const (
	TableBegin = "<!-- settings: made by go generate ./configs -->\n"
	TableEnd   = "<!-- end of settings -->"
)

// Table is the settings as a Markdown table.
func Table() string {
	var b strings.Builder
	heading := ""
	for _, s := range Settings() {
		if s.Group != heading {
			heading = s.Group
			fmt.Fprintf(&b, "\n| %s | default | |\n|---|---|---|\n", heading)
		}
		help := strings.ReplaceAll(s.Help, "|", `\|`)
		fmt.Fprintf(&b, "| `--%s` | %s | %s |\n", s.Name, code(s.Default), help)
	}
	return b.String()
}

// yamlText is a value as it can stand in YAML.
func yamlText(text string) string {
	if text == "" || strings.ContainsAny(text, ":#'\"{}[],&*!|>%@` ") || strings.HasPrefix(text, "-") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	return text
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// Wrap breaks text into lines of so many characters at most.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
