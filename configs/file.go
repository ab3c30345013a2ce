package configs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"restante/internal/typo"
)

// entry is one line of the settings file.
type entry struct {
	text   string
	source string // "restante.yaml:3: smtp"
	rules  []FaultRule
}

// readFile reads a settings file into its entries by setting name. The whole
// file is checked, also what a flag or a variable will override.
func readFile(path string) (map[string]entry, error) {
	octets, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("settings file: %w", err)
	}
	return parseFile(path, octets)
}

func parseFile(path string, octets []byte) (map[string]entry, error) {
	octets = bytes.TrimPrefix(octets, []byte("\ufeff")) // YAML 1.2 §5.2: an editor may put it there
	file, err := parser.ParseBytes(octets, 0)
	if err != nil {
		return nil, syntaxError(path, err)
	}
	entries := map[string]entry{}
	for _, doc := range file.Docs {
		for pair, err := range pairs(path, doc.Body) {
			if err != nil {
				return nil, err
			}
			if err := readPair(path, pair, entries); err != nil {
				return nil, err
			}
		}
	}
	return entries, nil
}

// pairs goes through the "key: value" lines of a document.
func pairs(path string, body ast.Node) func(func(*ast.MappingValueNode, error) bool) {
	return func(yield func(*ast.MappingValueNode, error) bool) {
		switch node := body.(type) {
		case nil, *ast.CommentGroupNode, *ast.NullNode:
		case *ast.MappingValueNode:
			yield(node, nil)
		case *ast.MappingNode:
			for _, pair := range node.Values {
				if !yield(pair, nil) {
					return
				}
			}
		default:
			yield(nil, fmt.Errorf("%s:%d: want lines such as \"smtp: 127.0.0.1:1025\"", path, line(body)))
		}
	}
}

func readPair(path string, pair *ast.MappingValueNode, entries map[string]entry) error {
	key := pair.Key.GetToken().Value
	at := fmt.Sprintf("%s:%d: ", path, line(pair.Key))
	if key == rulesKey {
		rules, err := readRules(path, pair.Value)
		if _, twice := entries[key]; twice && err == nil {
			err = fmt.Errorf("%s%s is set twice", at, key)
		}
		entries[key] = entry{source: at + key, rules: rules}
		return err
	}
	s, ok := Lookup(key) // a setting's key is its name; a test holds them equal
	if !ok {
		return fmt.Errorf("%sthere is no setting %q%s", at, key, nearest(key))
	}
	if _, twice := entries[key]; twice {
		return fmt.Errorf("%s%s is set twice", at, key)
	}
	text, ok := plain(pair.Value)
	if !ok {
		return fmt.Errorf("%s%s: want one plain value, %s", at, key, s.Allowed())
	}
	e := entry{text: text, source: at + key}
	if err := s.parse(e.text, e.source, reflect.New(s.typ).Elem()); err != nil {
		return err
	}
	entries[key] = e
	return nil
}

// plain is the text of a scalar as it was written: "off" and "1025" are what
// the user typed, not a boolean and a number.
func plain(node ast.Node) (string, bool) {
	switch node := node.(type) {
	case *ast.StringNode:
		return node.Value, true
	case *ast.LiteralNode, *ast.NullNode:
		return "", false
	case ast.ScalarNode:
		return node.GetToken().Value, true
	}
	return "", false
}

func line(node ast.Node) int {
	if node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return 1
	}
	return node.GetToken().Position.Line
}

// syntaxError keeps the library's reason and the line, without its drawing of
// the source.
func syntaxError(path string, err error) error {
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil || y.GetToken().Position == nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return fmt.Errorf("%s:%d: %s", path, y.GetToken().Position.Line, y.GetMessage())
}

// nearest is "; did you mean …" for a name that is nearly a setting's.
func nearest(name string) string {
	best, distance := "", 3 // two slips of the finger at most
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	for _, s := range append(Settings(), Setting{Name: rulesKey}) {
		if d := typo.Distance(name, s.Name, distance); d < distance {
			best, distance = s.Name, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}
