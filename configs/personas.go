package configs

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

//go:embed personas/*.yaml
var personas embed.FS

// PersonaFile is a persona that is not read yet.
type PersonaFile struct {
	Name  string // that of the file, without .yaml
	Path  string // where it is, for errors
	Text  []byte // YAML, as package faults reads it
	Built bool   // it is one of Restante's
}

// PersonaFiles lists the built-in personas, and then those in a directory: its
// files NAME.yaml. "" is no directory.
func PersonaFiles(directory string) ([]PersonaFile, error) {
	built, err := fs.Sub(personas, "personas")
	if err != nil {
		return nil, err
	}
	list, err := personasIn(built, "personas")
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Built = true
	}
	if directory == "" {
		return list, nil
	}
	own, err := personasIn(os.DirFS(directory), directory)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", directory, err)
	}
	return append(list, own...), nil
}

func personasIn(files fs.FS, directory string) (list []PersonaFile, err error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".yaml")
		if !ok || e.IsDir() || name == "" {
			continue
		}
		text, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return nil, err
		}
		list = append(list, PersonaFile{Name: name, Path: filepath.Join(directory, e.Name()), Text: text})
	}
	return list, nil
}
