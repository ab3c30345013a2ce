package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"

	"github.com/alecthomas/kong"
)

// Loader reads the settings of one command line. The zero value is ready; it is
// used once.
type Loader struct {
	LookupEnv func(string) (string, bool) // nil is os.LookupEnv
	File      string                      // settings file that is read if it exists and none is named; "" is none

	variables map[string][]string // by flag
	opened    bool
	path      string // of the settings file that was read
	entries   map[string]entry
	err       error // of the settings file
	origins   map[string]string
}

// Parse reads args into grammar, a pointer to a struct for package kong that
// embeds a [Config]. A flag named config, where there is one, names the settings
// file. What is wrong in a value is a [*ValueError].
func (l *Loader) Parse(grammar any, args []string, options ...kong.Option) (*kong.Context, error) {
	if l.LookupEnv == nil {
		l.LookupEnv = os.LookupEnv
	}
	l.variables, l.origins = map[string][]string{}, map[string]string{}
	mapper := kong.MapperFunc(l.decode)
	parser, err := kong.New(grammar, append([]kong.Option{
		kong.PostBuild(l.takeVariables),
		kong.Resolvers(kong.ResolverFunc(l.resolve)),
		kong.TypeMapper(durationType, mapper),
		kong.TypeMapper(reflect.TypeFor[Size](), mapper),
		kong.KindMapper(reflect.String, mapper),
		kong.KindMapper(reflect.Bool, mapper),
		kong.KindMapper(reflect.Int, mapper),
		kong.KindMapper(reflect.Int64, mapper),
	}, options...)...)
	if err != nil {
		return nil, err
	}
	ctx, err := parser.Parse(args)
	if l.err != nil {
		return nil, l.err
	}
	if wrong, ok := errors.AsType[*ValueError](err); ok {
		return nil, wrong // without the parser's prefix, which would name a flag that was not used
	}
	if err != nil {
		return nil, err
	}
	for _, p := range ctx.Path {
		if p.Flag != nil && !p.Resolved {
			l.origins[p.Flag.Name] = "--" + p.Flag.Name
		}
	}
	if c, ok := reflect.ValueOf(grammar).Elem().FieldByName("Config").Addr().Interface().(*Config); ok {
		c.Faults = l.entries[rulesKey].rules
	}
	return ctx, nil
}

// Path is the settings file that was read, "" when none was.
func (l *Loader) Path() string { return l.path }

// Origin says where a setting's value came from: the flag, the variable, the
// line of the settings file, or "default".
func (l *Loader) Origin(name string) string {
	if origin, ok := l.origins[name]; ok {
		return origin
	}
	return "default"
}

// takeVariables takes the variables away from kong, which would rank them below
// the settings file.
func (l *Loader) takeVariables(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			l.variables[flag.Name] = flag.Envs
			flag.Envs, flag.Tag.Envs = nil, nil
		}
		return next(nil)
	})
}

// resolve answers for a flag that is not on the command line.
func (l *Loader) resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if e, ok := l.variable(flag.Name); ok {
		return e, nil
	}
	if !l.opened {
		l.opened = true
		l.err = l.open(ctx)
	}
	if l.err != nil {
		return nil, l.err
	}
	if e, ok := l.entries[flag.Name]; ok {
		return e, nil
	}
	return nil, nil
}

func (l *Loader) variable(flag string) (entry, bool) {
	for _, name := range l.variables[flag] {
		if text, ok := l.LookupEnv(name); ok && text != "" {
			return entry{text: text, source: name}, true
		}
	}
	return entry{}, false
}

// open reads the settings file that the flag config or its variable names, or
// the one that is always looked for.
func (l *Loader) open(ctx *kong.Context) (err error) {
	path := ""
	if e, ok := l.variable("config"); ok {
		path = e.text
	}
	for _, p := range ctx.Path {
		if p.Flag != nil && p.Flag.Name == "config" {
			path = ctx.Value(p).String()
		}
	}
	if path == "" {
		if _, err := os.Stat(l.File); l.File == "" || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		path = l.File
	}
	l.path = underHome(path)
	l.entries, err = readFile(l.path)
	return err
}

// decode is how every flag's value is read, whatever source it comes from.
func (l *Loader) decode(ctx *kong.DecodeContext, target reflect.Value) error {
	s := Setting{Name: ctx.Value.Name, typ: target.Type()}
	if ctx.Value.Flag != nil {
		if known, ok := Lookup(s.Name); ok {
			s = known
		}
	}
	if target.Kind() == reflect.Bool && ctx.Scan.Peek().Type != kong.FlagValueToken {
		target.SetBool(true)
		return nil
	}
	token, err := ctx.Scan.PopValue(s.Allowed())
	if text := token.String(); err != nil && len(text) > 1 && text[0] == '-' && text[1] >= '0' && text[1] <= '9' {
		return s.parse(text, "--"+s.Name, target) // a negative number, not a flag
	}
	if err != nil {
		return fmt.Errorf("needs a value; it takes %s", s.Allowed())
	}
	if e, ok := token.Value.(entry); ok {
		l.origins[s.Name] = e.source
		return s.parse(e.text, e.source, target)
	}
	return s.parse(fmt.Sprint(token.Value), "--"+s.Name, target)
}
