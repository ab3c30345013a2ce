//go:build !linux

package mailstore

import (
	"os"

	"go.etcd.io/bbolt"
)

func syncerOf(db *bbolt.DB, _ *os.File) (syncer, error) { return plainSync{db}, nil }
