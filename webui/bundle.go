package webui

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// entries are the modules that pages name. What they import goes out together
// with them, in as few files as can be; what is loaded later by import() is in
// files of its own.
var entries = []string{"js/boot.js", "js/app.js", "js/docs.js"}

// bundle makes the JavaScript that goes out of the modules in files, by the
// names that pages have for it. The sources are what one reads and edits; they
// are joined here, when a server starts to serve them, so that there is no step
// between an edit and a build of the command.
func bundle(files map[string][]byte) (map[string][]byte, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints:       entries,
		Bundle:            true,
		Splitting:         true,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsEndOfFile,
		Charset:           api.CharsetUTF8,
		AbsWorkingDir:     "/",
		Outdir:            "/",
		Outbase:           "/",
		ChunkNames:        "js/[name]-[hash]", // beside js/app.js, for what is found from import.meta.url
		Plugins:           []api.Plugin{embedded(files)},
	})
	if len(result.Errors) > 0 {
		var all []error
		for _, m := range result.Errors {
			all = append(all, errors.New(m.Text))
		}
		return nil, fmt.Errorf("bundle the page's JavaScript: %w", errors.Join(all...))
	}
	out := make(map[string][]byte, len(result.OutputFiles))
	for _, f := range result.OutputFiles {
		out[strings.TrimPrefix(strings.ReplaceAll(f.Path, `\`, "/"), "/")] = f.Contents
	}
	return out, nil
}

// embedded has esbuild read modules from files and not from the disk.
func embedded(files map[string][]byte) api.Plugin {
	const space = "embedded"
	return api.Plugin{Name: space, Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			name := a.Path
			if a.Kind != api.ResolveEntryPoint {
				name = resolved(path.Dir(a.Importer), a.Path)
			}
			if files[name] == nil {
				return api.OnResolveResult{}, fmt.Errorf("%s imports %s, which is not there", a.Importer, a.Path)
			}
			return api.OnResolveResult{Path: name, Namespace: space}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: space}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			text := string(files[a.Path])
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
		})
	}}
}

// resolved is the path of a module that is imported in a folder: "./x.js" is a
// file of ours, "preact/hooks" a library.
func resolved(folder, specifier string) string {
	if strings.HasPrefix(specifier, ".") {
		return path.Join(folder, specifier)
	}
	return "vendor/" + strings.ReplaceAll(strings.TrimPrefix(specifier, "@"), "/", "-") + ".mjs"
}
