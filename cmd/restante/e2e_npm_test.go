package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"restante/internal/tools"
)

// npmPackages are what testdata/npm names, installed once for this test process
// by the first test that needs it. TestMain removes them.
var npmPackages = &npmInstall{}

type npmInstall struct {
	once sync.Once
	dir  string
	err  error
}

// npmTools is a directory with the packages in its node_modules. Without Node.js
// or the registry the test is skipped, or fails where the tools are required.
func npmTools(t *testing.T) (dir string) {
	t.Helper()
	tools.Need(t, "node", "npm")
	npmPackages.once.Do(func() { npmPackages.err = npmPackages.install() })
	if err := npmPackages.err; err != nil {
		tools.Missing(t, err)
	}
	return npmPackages.dir
}

func (n *npmInstall) install() (err error) {
	if n.dir, err = os.MkdirTemp("", "restante-npm-"); err != nil {
		return err
	}
	if err := os.CopyFS(n.dir, os.DirFS(filepath.Join("testdata", "npm"))); err != nil {
		return err
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = n.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm cannot install testdata/npm (is the registry within reach?): %w\n%s", err, out)
	}
	return nil
}

// close removes what install made.
func (n *npmInstall) close() { _ = os.RemoveAll(n.dir) }
