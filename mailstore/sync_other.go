//go:build !linux

package mailstore

import "go.etcd.io/bbolt"

func syncerOf(db *bbolt.DB) syncer { return plainSync{db} }
