package restante

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"restante/configs"
	"restante/faults"
)

// readPersonas reads the personas there are, and finds the one that the server
// behaves as; nil is itself. One of the user's takes the place of a built-in one
// of the same name.
func readPersonas(cfg *Config) (all map[string]*faults.Persona, own *faults.Persona, err error) {
	files, err := configs.PersonaFiles(cfg.Personas)
	if err != nil {
		return nil, nil, &configs.SettingError{Setting: "personas", Err: err}
	}
	all = make(map[string]*faults.Persona)
	for _, f := range files {
		if all[f.Name], err = faults.ParsePersona(f.Name, f.Path, f.Text); err != nil {
			return nil, nil, &configs.SettingError{Setting: "personas", Err: err}
		}
	}
	if cfg.Persona == "" {
		return all, nil, nil
	}
	if own = all[cfg.Persona]; own == nil {
		err = fmt.Errorf("%q is none; there are %s", cfg.Persona, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
		return nil, nil, &configs.SettingError{Setting: "persona", Err: err}
	}
	return all, own, nil
}
