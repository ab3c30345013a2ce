//go:build ignore

// Generate writes what is made from the settings: restante.yaml, and the table
// in the README between its two markers.
package main

import (
	"bytes"
	"log"
	"os"

	"restante/configs"
)

func main() {
	if err := os.WriteFile("restante.yaml", []byte(configs.Sample()), 0o644); err != nil {
		log.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		log.Fatal(err)
	}
	before, rest, found := bytes.Cut(readme, []byte(configs.TableBegin))
	_, after, closed := bytes.Cut(rest, []byte(configs.TableEnd))
	if !found || !closed {
		log.Fatal("README.md has no place for the settings")
	}
	table := configs.TableBegin + configs.Table() + "\n" + configs.TableEnd
	readme = bytes.Join([][]byte{before, after}, []byte(table))
	if err := os.WriteFile("../README.md", readme, 0o644); err != nil {
		log.Fatal(err)
	}
}
