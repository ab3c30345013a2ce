package restante

import "runtime/debug"

// Version is the version of this module in the running program: "v1.2.3", or
// "(devel)" when it was built without one.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)"
	}
	const module = "restante"
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == module && m.Version != "" {
			return m.Version
		}
	}
	return "(devel)"
}
