package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// output is where a command prints. On a terminal it has colours and a width,
// and nothing that is printed there moves the cursor.
type output struct {
	io.Writer
	terminal bool
	colours  bool
	columns  int // 0: lines may have any length
}

func (a *app) out() output { return outputTo(a.stdout) }
func (a *app) err() output { return outputTo(a.stderr) }

func outputTo(w io.Writer) output {
	o := output{Writer: w}
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return o
	}
	o.terminal = true
	o.colours = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
		o.columns = columns
	}
	return o
}

// Colours, as parameters of SGR (ECMA-48 §8.3.117).
const (
	bold  = "1"
	faint = "2"
)

func (o output) colour(colour, text string) string {
	if !o.colours || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// oneLine makes text from a message harmless: one line that a terminal does not
// obey.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(harmless, text)), " ")
}

// lines makes text of several lines harmless for a terminal. Elsewhere it is
// what it is.
func (o output) lines(text string) string {
	if !o.terminal {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return harmless(r)
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}

// harmless replaces what a terminal may take for an order, and what turns the
// direction of writing.
func harmless(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return unicode.ReplacementChar
	}
	return r
}

// table prints rows of equal length in columns, the first row as a heading.
func (o output) table(rows [][]string, colours ...string) error {
	widths := o.widths(rows)
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			cell = runewidth.Truncate(cell, widths[i], "…")
			gap := "\n"
			if i < len(row)-1 {
				gap = strings.Repeat(" ", widths[i]-runewidth.StringWidth(cell)+2)
			}
			if n == 0 {
				cell = o.colour(faint, cell)
			} else if i < len(colours) && colours[i] != "" {
				cell = o.colour(colours[i], cell)
			}
			b.WriteString(cell + gap)
		}
	}
	_, err := io.WriteString(o, b.String())
	return err
}

// widths are those of the widest cells. On a terminal no column takes more than
// a third of the line, and the last one what is left of it.
func (o output) widths(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], runewidth.StringWidth(cell))
		}
	}
	if o.columns == 0 {
		return widths
	}
	last, left := len(widths)-1, o.columns
	for i := range last {
		widths[i] = min(widths[i], max(o.columns/3, 1))
		left -= widths[i] + 2
	}
	widths[last] = min(widths[last], max(left, 1))
	return widths
}

// json prints a value as JSON: on a terminal for people, else on one line.
func (o output) json(v any) error {
	enc := json.NewEncoder(o)
	enc.SetEscapeHTML(false)
	if o.terminal {
		enc.SetIndent("", "  ")
	}
	return enc.Encode(v)
}

// moment is a time as lists show it.
func moment(at time.Time) string {
	at = at.Local()
	if time.Since(at) < 20*time.Hour {
		return at.Format("15:04:05")
	}
	return at.Format("2006-01-02 15:04")
}

// plural is "1 message", "2 messages".
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
