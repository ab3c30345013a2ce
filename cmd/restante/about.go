package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"restante"
	"restante/configs"
)

// config prints the settings in force as a settings file, or the sample.
func (a *app) config() int {
	if a.Show.Sample {
		fmt.Fprint(a.stdout, configs.Sample())
		return exitOK
	}
	fmt.Fprintf(a.stdout, "# Settings file: %s\n%s", a.settingsPath(), a.loader.Effective(&a.Config))
	if _, err := a.Config.Complete(); err != nil {
		return a.fail(err)
	}
	return exitOK
}

// version prints what was built, from what.
func (a *app) version() int {
	fmt.Fprintf(a.stdout, "restante %s", restante.Version())
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				fmt.Fprintf(a.stdout, ", commit %.12s", s.Value)
			case s.Key == "vcs.modified" && s.Value == "true":
				fmt.Fprint(a.stdout, " with changes")
			}
		}
	}
	fmt.Fprintf(a.stdout, ", %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return exitOK
}
