// Package message reads mail: octets in; header, text, HTML, attachments and defects out.
package message
