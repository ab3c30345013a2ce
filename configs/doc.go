// Package configs holds every setting of Restante once: its default, its flag,
// its environment variable, its key in the settings file, what it allows and
// its help.
//
// All of that stands in the tags of [Config], one line per setting. The rest is
// read from there: the command's flags and help, the sample restante.yaml, the
// table in the README. A setting's value comes from the first of these that has
// it: the flag, the variable (an empty one counts as not set), the settings
// file, the default. A wrong value is a [*ValueError], which names the setting
// as the user wrote it, the value, and what is allowed, whatever it came from.
//
// The zero Config is not the command's default but a test server, see
// [Config.Complete].
//
//   - config.go   the settings
//   - setting.go  what the tags say about one setting
//   - value.go    text to value and back, and the limits
//   - address.go  addresses of listeners
//   - check.go    a whole Config: zero fields, and fields that need each other
//   - file.go     the settings file
//   - rules.go    the fault rules in it
//   - parser.go   the command line, and which source wins
//   - place.go    where the store and the settings file are by default
//   - sample.go   the sample and the table, written from the tags
package configs

//go:generate go run generate.go
