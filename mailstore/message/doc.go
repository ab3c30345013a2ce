// Package message reads mail (RFC 5322, MIME): octets in; header, text, HTML, attachments and
// defects out. It imports nothing else of this module.
//
// Four nouns. A [Message] is what [Parse] makes of a whole message: its tree of parts ([Part]) and
// its text, for one that is looked at. A [Summary] is what [Index] makes of it in one cheap pass at
// delivery, for lists and search. A [Defect] is one thing that is wrong, by a stable code and a
// sentence in plain words. [OpenPart] streams the content of one part.
//
// What always holds:
//
//   - Nothing fails. Whatever the octets are, there is a Message; what is wrong with them is in its
//     Defects, and what can be decoded is decoded.
//   - Messages are streams. One block is held, never an attachment.
//   - Depth, parts, header and text have limits (limit.go); reaching one is a defect or a truncated
//     text. The time is proportional to the octets, whatever they are.
//   - Decoded strings are valid UTF-8; those from the header are one line.
//   - Index and Parse see the same parts, because both go through the same walker. Index does not
//     look into attachments, so defects inside them are found by Parse only.
//   - Where a part ends is decided by what it is in, never by what it says itself.
//
// Charsets come from github.com/emersion/go-message/charset over golang.org/x/text, with a few
// labels, UTF-7 and ISO-2022-KR added here; HTML entities from golang.org/x/net/html. The rest of
// go-message stops at the first mistake (a header line without a colon, base64 with a stray
// character, a multipart that does not end), so headers, multiparts, transfer encodings, encoded
// words, parameters, addresses and dates are read here. Tests hold well-formed messages equal to
// what go-message makes of them.
//
// Files, from the octets up:
//
//	source.go                          blocks, and what is wrong with lines
//	delimiter.go, walker.go            multipart delimiters; from part to part
//	header.go, envelope.go             fields; what the message's own header says
//	entity.go, param.go                the Content fields and their parameters (RFC 2231)
//	word.go, address.go, date.go       encoded words (RFC 2047), address lists, dates
//	transfer.go, base64.go, quoted.go, uuencode.go
//	charset.go, guess.go, utf7.go
//	htmltext.go, collector.go          text from HTML; text of several parts up to a limit
//	message.go, open.go, summary.go    Parse, OpenPart, Index
//	links.go, textlinks.go             where a message leads its reader
//	unsubscribe.go                     the ways off a mailing list
//	codes.go, codejudge.go, codewords.go   one-time codes, and the words that tell them
//	defect.go, limit.go                the tables of defects and limits
package message
