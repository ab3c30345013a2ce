package configs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// rulesKey is the key of the fault rules in the settings file. They have no flag.
const rulesKey = "faults"

// FaultRule is a rule of package faults that is not read yet.
type FaultRule struct {
	JSON []byte // as the API takes it

	path  string         // of the settings file; "" for one that a program made
	index int            // in the list, from 0 on
	lines map[string]int // by field: "do.reply.code"; "" is the rule's
}

// Place says where a field of the rule stands, as the user knows it:
// "restante.yaml:14: faults[0].do.reply.code".
func (r *FaultRule) Place(field string) string {
	line, known := r.lines[field]
	if !known { // a field that is missing has the line of what it is missing in
		line = r.lines[""]
	}
	name := fmt.Sprintf("%s[%d]", rulesKey, r.index)
	if field != "" {
		name += "." + field
	}
	if r.path == "" {
		return name
	}
	return fmt.Sprintf("%s:%d: %s", r.path, line, name)
}

// readRules reads the list behind the key.
func readRules(path string, list ast.Node) ([]FaultRule, error) {
	if _, none := list.(*ast.NullNode); none {
		return nil, nil
	}
	sequence, ok := list.(*ast.SequenceNode)
	if !ok {
		return nil, fmt.Errorf("%s:%d: %s: want a list of rules, each behind a dash", path, line(list), rulesKey)
	}
	var rules []FaultRule
	for i, node := range sequence.Values {
		r := FaultRule{path: path, index: i, lines: map[string]int{}}
		value, err := r.value(node, "")
		if err != nil {
			return nil, err
		}
		if r.JSON, err = json.Marshal(value); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Place(""), err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// object is a mapping whose keys stay in their order.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range [...]any{m.key, m.value} {
			octets, err := json.Marshal(part)
			if err != nil {
				return nil, err
			}
			if j > 0 {
				b.WriteByte(':')
			}
			b.Write(octets)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// value is a node as a value for JSON. It notes the lines of fields.
func (r *FaultRule) value(node ast.Node, field string) (any, error) {
	r.lines[field] = line(node)
	switch node := node.(type) {
	case *ast.MappingValueNode:
		return r.object([]*ast.MappingValueNode{node}, field)
	case *ast.MappingNode:
		return r.object(node.Values, field)
	case *ast.SequenceNode:
		list := []any{}
		for i, item := range node.Values {
			v, err := r.value(item, field+"["+strconv.Itoa(i)+"]")
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case *ast.LiteralNode:
		return node.Value.Value, nil
	case *ast.NullNode:
		return nil, nil
	case *ast.BoolNode:
		return node.Value, nil
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return nil, fmt.Errorf("%s: a value that begins with *, & or ! needs quotes", r.Place(field))
	}
	text, ok := plain(node)
	if !ok {
		return nil, fmt.Errorf("%s: want a plain value", r.Place(field))
	}
	if number := json.Number(text); isNumber(node) && json.Valid([]byte(number)) {
		return number, nil
	}
	return text, nil
}

func isNumber(node ast.Node) bool {
	switch node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return true
	}
	return false
}

func (r *FaultRule) object(pairs []*ast.MappingValueNode, field string) (object, error) {
	var o object
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		at := key
		if field != "" {
			at = field + "." + key
		}
		v, err := r.value(pair.Value, at)
		if err != nil {
			return nil, err
		}
		r.lines[at] = line(pair.Key)
		o = append(o, member{key, v})
	}
	return o, nil
}

// sampleRules is how the sample shows the rules.
const sampleRules = `
# Fault rules that the server begins with, as POST /v1/faults takes them; see
# docs/faults.md. They stay until the server ends unless they say otherwise.
# faults:
#   - name: the first attempt fails
#     protocol: smtp
#     at: rcpt
#     for: {recipient: "retry*@app.test"}
#     do: {reply: {code: 451, text: Try again later}}
#     often: {next: 1}
`
