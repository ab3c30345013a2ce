package smtpd

import (
	"net/netip"
	"strings"
	"unicode/utf8"
)

// cutPath splits a Reverse-path or Forward-path (RFC 5321 §4.1.2) off s: the
// mailbox as it was given, without angle brackets and source route, and what
// follows the path. why tells what is wrong with it.
//
// Addresses are taken as mail servers take them: angle brackets may be missing,
// dots may stand anywhere in a local part, and no part has a limit of its own.
func cutPath(s string) (mailbox, rest, why string) {
	bracketed := strings.HasPrefix(s, "<")
	if bracketed {
		s = s[1:]
	}
	end, quoted := -1, false
scan:
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case bracketed && c == '>', !bracketed && c == ' ':
			end = i
			break scan
		case c == ' ':
			return "", "", "a space needs a quoted local part"
		}
	}
	switch {
	case quoted:
		return "", "", "a quotation mark is missing"
	case end < 0 && bracketed:
		return "", "", "the closing > is missing"
	case end < 0:
		mailbox = s
	default:
		mailbox, rest = s[:end], s[end:]
		if bracketed {
			rest = rest[1:]
		}
	}
	if rest != "" && rest[0] != ' ' {
		return "", "", "a space must follow the >"
	}
	if strings.HasPrefix(mailbox, "@") { // RFC 5321 appendix C: a source route is ignored
		_, after, ok := strings.Cut(mailbox, ":")
		if !ok {
			return "", "", "the local part is missing"
		}
		mailbox = after
	}
	if !bracketed && mailbox == "" {
		return "", "", "it is missing"
	}
	return mailbox, rest, ""
}

// checkMailbox tells what is wrong with a mailbox: local part @ domain.
func checkMailbox(mailbox string) (why string) {
	at := strings.LastIndexByte(mailbox, '@')
	if strings.HasPrefix(mailbox, `"`) {
		at = endOfQuoted(mailbox) // what stands in quotation marks may have an @ too
	} else if i := strings.IndexByte(mailbox, '@'); i >= 0 {
		at = i
	}
	switch {
	case at < 0 || at >= len(mailbox):
		return "the domain is missing: name@domain"
	case mailbox[at] != '@':
		return "after the closing quotation mark comes the @"
	}
	local, domain := mailbox[:at], mailbox[at+1:]
	switch {
	case !utf8.ValidString(mailbox):
		return "it is neither ASCII nor UTF-8"
	case local == "":
		return "the local part is missing"
	case local[0] != '"' && strings.ContainsAny(local, `()<>[]:;\,"`):
		return "a special character needs a quoted local part"
	}
	return checkDomain(domain)
}

// endOfQuoted returns the index after the quoted string that s begins with, or -1.
func endOfQuoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// checkDomain tells what is wrong with a domain or an address literal.
// Underscores are taken: host names of containers have them.
func checkDomain(domain string) (why string) {
	if literal, ok := strings.CutPrefix(domain, "["); ok {
		literal, ok = strings.CutSuffix(literal, "]")
		if !ok || !isLiteral(literal) {
			return "the address literal is not [1.2.3.4], [IPv6:...] or [tag:...]"
		}
		return ""
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" {
			return "the domain has an empty part"
		}
		for i := 0; i < len(label); i++ {
			c := label[i]
			if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c > 0x7f) {
				return "the domain has a character that does not belong there"
			}
		}
	}
	return ""
}

// isLiteral tells whether s is what stands in the brackets of an address literal
// (RFC 5321 §4.1.3).
func isLiteral(s string) bool {
	tag, content, tagged := strings.Cut(s, ":")
	if tagged && strings.EqualFold(tag, "IPv6") {
		ip, err := netip.ParseAddr(content)
		return err == nil && ip.Is6() && ip.Zone() == ""
	}
	if !tagged {
		ip, err := netip.ParseAddr(s)
		return err == nil && ip.Is4()
	}
	return isKeyword(tag) && content != "" && !strings.ContainsAny(content, `[\]`)
}

// isKeyword tells whether s is an esmtp-keyword or a tag: letters, digits and hyphens.
func isKeyword(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' && i > 0) {
			return false
		}
	}
	return s != ""
}

// isASCII tells whether s has no octet above 0x7F.
func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
