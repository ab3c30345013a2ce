package smtpd

import (
	"fmt"
	"io"
	"time"

	"restante/faults"
	"restante/internal/bounce"
	"restante/mailstore"
)

// wish is which reports on a message a fault asks for.
type wish struct {
	dsn                           string // enhanced status code
	delayed, autoreply, complaint bool
}

func wishOf(do *faults.Action) wish {
	return wish{do.DSN, do.DelayedDSN, do.Autoreply, do.Complaint}
}

// wished notes a wish for a recipient of the transaction. The last one counts.
func (w *wire) wished(recipient int, is wish) {
	if w.wishes == nil {
		w.wishes = make(map[int]wish)
	}
	w.wishes[recipient] = is
}

// report delivers the reports that were wished for on a message that was stored.
// They are there before the client reads that its message was accepted.
func (w *wire) report(receipt mailstore.Receipt) {
	if len(w.wishes) == 0 {
		return
	}
	m, err := w.server.store.MessageBySeq(receipt.Seq)
	if err != nil {
		w.unreported(err)
		return
	}
	_, separator, _ := w.server.cfg.Faults.Addresses()
	o := &bounce.Original{
		Message:   m,
		Hostname:  w.server.cfg.Hostname,
		Separator: separator,
		Now:       time.Now(),
		Open:      func() (io.ReadCloser, error) { return w.server.store.Content(receipt.Seq) },
	}
	if err := o.Read(); err != nil {
		w.unreported(err)
		return
	}
	var kinds [bounce.Complaint + 1][]bounce.Recipient
	add := func(wanted bool, kind bounce.Kind, path mailstore.ForwardPath, status string) {
		if !wanted {
			return
		}
		if why := o.Refusal(kind, path); why != "" {
			note(&w.transcript, mailstore.Note, "no "+reportNames[kind]+" about <"+path.Address+">: "+why)
			return
		}
		kinds[kind] = append(kinds[kind], bounce.Recipient{Path: path, Status: status})
	}
	for i, path := range m.Envelope.ForwardPaths {
		is := w.wishes[i]
		kind := bounce.Failed
		if is.dsn != "" && is.dsn[0] == '2' {
			kind = bounce.Delivered
		}
		add(is.dsn != "", kind, path, is.dsn)
		add(is.delayed, bounce.Delayed, path, "4.4.1")
		add(is.autoreply, bounce.Autoreply, path, "")
		add(is.complaint, bounce.Complaint, path, "")
	}
	for kind, recipients := range kinds {
		kind := bounce.Kind(kind)
		switch {
		case len(recipients) == 0:
		case kind == bounce.Autoreply: // each is a message of its own
			for i := range recipients {
				w.deliverReport(o, kind, recipients[i:i+1])
			}
		default:
			w.deliverReport(o, kind, recipients)
		}
	}
}

var reportNames = map[bounce.Kind]string{
	bounce.Failed:    "bounce",
	bounce.Delayed:   "delay notification",
	bounce.Delivered: "delivery notification",
	bounce.Autoreply: "automatic reply",
	bounce.Complaint: "complaint",
}

func (w *wire) deliverReport(o *bounce.Original, kind bounce.Kind, recipients []bounce.Recipient) {
	in := w.server.store.NewIncoming()
	defer in.Abort()
	err := o.Write(in, kind, recipients)
	if err == nil {
		var receipt mailstore.Receipt
		if receipt, err = in.Deliver(w.server.hard, o.Envelope()); err == nil {
			article := "a"
			if kind == bounce.Autoreply {
				article = "an"
			}
			note(&w.transcript, mailstore.Note, fmt.Sprintf("delivered %s %s to <%s>: id=%s seq=%d", article, reportNames[kind], o.Message.Envelope.ReversePath, receipt.ID, receipt.Seq))
			return
		}
	}
	w.unreported(err)
}

func (w *wire) unreported(err error) {
	note(&w.transcript, mailstore.Note, "no report: "+err.Error())
	w.server.log.Warn("cannot deliver a report", "session", w.id, "err", err)
}
