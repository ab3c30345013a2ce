package configs

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// DataFile is the file that the setting data means. For auto that is
// restante.db in the user's state directory: $XDG_STATE_HOME/restante or
// ~/.local/state/restante on Linux and its like, ~/Library/Application
// Support/restante on macOS, %LocalAppData%\restante on Windows. It makes
// nothing.
func (c *Config) DataFile() (string, error) {
	if c.Data != "auto" {
		return c.Data, nil
	}
	dir, err := stateDir(runtime.GOOS, os.Getenv)
	if err != nil {
		return "", &SettingError{"data", fmt.Errorf("%w; name a file with --data", err)}
	}
	return filepath.Join(dir, "restante", "restante.db"), nil
}

// underHome puts the user's home directory in the place of the ~ that a path
// begins with. A shell does that for some words of a command line, and nobody
// does it for a settings file: without it a folder named ~ would be made.
func underHome(path string) string {
	if path != "~" && (len(path) < 2 || path[0] != '~' || !os.IsPathSeparator(path[1])) {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return home + path[1:]
}

func stateDir(system string, getenv func(string) string) (string, error) {
	switch system {
	case "windows":
		if dir := getenv("LocalAppData"); dir != "" {
			return dir, nil
		}
		return "", fmt.Errorf("%%LocalAppData%% is not set")
	case "darwin", "ios":
		if home := getenv("HOME"); home != "" {
			return filepath.Join(home, "Library", "Application Support"), nil
		}
	default:
		// The XDG Base Directory Specification ignores relative paths.
		if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
			return dir, nil
		}
		if home := getenv("HOME"); home != "" {
			return filepath.Join(home, ".local", "state"), nil
		}
	}
	return "", fmt.Errorf("$HOME is not set")
}

// File is where the settings file is looked for when none is named:
// restante/restante.yaml in the user's configuration directory
// (~/.config on Linux). It is "" where there is no such directory.
func File() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "restante", "restante.yaml")
}
