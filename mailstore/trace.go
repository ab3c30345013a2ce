package mailstore

import (
	"net/netip"
	"strings"
)

// traceFields renders the fields that a final delivery adds (RFC 5321 §4.4):
// Return-Path and Received. They stand beside the content, never in it.
func traceFields(m *Message, hostname string) string {
	e := &m.Envelope
	b := make([]byte, 0, 320)
	b = append(b, "Return-Path: <"...)
	b = append(b, e.ReversePath...)
	b = append(b, ">\r\nReceived: from "...)
	b = append(b, heloName(e.Helo)...)
	b = appendAddressLiteral(b, e.Remote)
	b = append(b, "\r\n\tby "...)
	b = append(b, hostname...)
	b = append(b, " with "...)
	b = append(b, withProtocol(e)...)
	b = append(b, " id "...)
	b = append(b, m.ID...)
	if len(e.ForwardPaths) == 1 { // of several it would tell one recipient of another
		b = append(b, "\r\n\tfor <"...)
		b = append(b, e.ForwardPaths[0].Address...)
		b = append(b, '>')
	}
	b = append(b, "; "...)
	b = m.Received.AppendFormat(b, "Mon, 02 Jan 2006 15:04:05 -0700")
	return string(append(b, "\r\n"...))
}

// withProtocol is the "with" clause's keyword (RFC 3848, RFC 6531 §4.3).
func withProtocol(e *Envelope) string {
	if !e.Extended {
		return "SMTP"
	}
	name := "ESMTP"
	if e.SMTPUTF8 {
		name = "UTF8SMTP"
	}
	if e.TLS != "" {
		name += "S"
	}
	if e.User != "" {
		name += "A"
	}
	return name
}

// heloName is what the client called itself, fit for a header field.
func heloName(helo string) string {
	clean := strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || strings.ContainsRune("();<>", r) {
			return -1
		}
		return r
	}, helo)
	if clean == "" {
		return "unknown"
	}
	return clean
}

// appendAddressLiteral renders the IP address of an address and port as RFC 5321
// §4.1.3 has it; nothing when there is none.
func appendAddressLiteral(b []byte, remote string) []byte {
	addr, err := netip.ParseAddrPort(remote)
	if err != nil {
		return b
	}
	ip := addr.Addr().WithZone("").Unmap()
	b = append(b, " (["...)
	if ip.Is6() {
		b = append(b, "IPv6:"...)
	}
	return append(ip.AppendTo(b), "])"...)
}
