package compat

import (
	"net/http"
	"runtime"
	"time"
)

// appInformation is Mailpit's /api/v1/info.
type appInformation struct {
	Version       string
	LatestVersion string // Restante asks nobody: its own
	Database      string
	DatabaseSize  int64
	Messages      int64
	Unread        int64
	Tags          map[string]int
	RuntimeStats  struct {
		Uptime           int64  // seconds
		Memory           uint64 // octets
		MessagesDeleted  uint64
		SMTPAccepted     uint64 // those of /api/v1/send among them
		SMTPAcceptedSize uint64 // octets
		SMTPRejected     uint64 // not told here
		SMTPIgnored      uint64 // none ever is
	}
}

func (s *server) appInfo(w http.ResponseWriter, r *http.Request) error {
	totals, err := s.store.Totals()
	if err != nil {
		return err
	}
	tags, err := s.tags.all(r.Context(), s)
	if err != nil {
		return err
	}
	info := appInformation{
		Version: s.info.Version, LatestVersion: s.info.Version, Database: s.store.Path(),
		Messages: totals.Messages, Unread: totals.Unseen, Tags: tags,
	}
	stats := s.store.Stats()
	info.DatabaseSize = stats.FileBytes
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	run := &info.RuntimeStats
	run.Uptime, run.Memory = int64(time.Since(s.started)/time.Second), memory.Sys-memory.HeapReleased
	run.SMTPAccepted, run.SMTPAcceptedSize = stats.Delivered, stats.Octets
	run.MessagesDeleted = stats.Deleted + stats.Pruned
	return writeJSON(w, info)
}

// appSettings is Mailpit's /api/v1/webui.
type appSettings struct {
	Label        string
	MessageRelay struct {
		Enabled                                                                                        bool
		SMTPServer, ReturnPath, AllowedRecipients, BlockedRecipients, OverrideFrom, RecipientAllowlist string
		PreserveMessageIDs                                                                             bool
	}
	SpamAssassin, ChaosEnabled, DuplicatesIgnored, HideDeleteAllButton bool
}

func (s *server) appSettings(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, appSettings{Label: "Restante"})
}
