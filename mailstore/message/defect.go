package message

// Defect is one thing that is wrong, or worth knowing, about a message.
type Defect struct {
	Code     string // stable, one of the constants below
	Sentence string // what is wrong and what it does to readers
	Detail   string // the field, charset or value that it is about; "" where there is nothing to add
	Part     string // Path of the part that it was found in; "" is the message itself
}

// Codes of defects. They are stored and searched: never rename one.
const (
	NoHeader         = "no-header"
	MissingBlank     = "missing-blank-line"
	HeaderLine       = "malformed-header-line"
	MboxLine         = "mbox-line"
	HeaderTooLarge   = "header-too-large"
	RawHeader        = "raw-8bit-header"
	BadWord          = "bad-encoded-word"
	DuplicateField   = "duplicate-field"
	MissingDate      = "missing-date"
	BadDate          = "bad-date"
	MissingFrom      = "missing-from"
	BadAddress       = "bad-address"
	MissingID        = "missing-message-id"
	BccSent          = "bcc-sent"
	NoMIMEVersion    = "missing-mime-version"
	BadParameter     = "bad-parameter"
	BadContentType   = "bad-content-type"
	EncodedFilename  = "encoded-word-in-parameter"
	MissingBoundary  = "missing-boundary"
	BoundaryUnused   = "boundary-not-found"
	Unterminated     = "unterminated-multipart"
	EncodedMultipart = "encoded-multipart"
	EncodedMessage   = "encoded-message"
	TooDeep          = "too-deep"
	TooManyParts     = "too-many-parts"
	UnknownEncoding  = "unknown-encoding"
	BadBase64        = "bad-base64"
	BadQuoted        = "bad-quoted-printable"
	BadUuencode      = "bad-uuencode"
	UnknownCharset   = "unknown-charset"
	BadCharset       = "bad-charset"
	Unlabelled       = "unlabelled-8bit"
	Raw8Bit          = "8bit-declared-7bit"
	LongLine         = "long-line"
	BareLF           = "bare-lf"
	BareCR           = "bare-cr"
	NUL              = "nul"
	TNEF             = "tnef"
	ReadError        = "read-error"
)

// sentences is the one table of defects: what is wrong, and what comes of it.
var sentences = map[string]string{
	NoHeader:         "The message does not begin with a header; all of it is taken as text, and readers show no sender, subject or date.",
	MissingBlank:     "No blank line separates the header from the body; readers disagree where the body begins and may lose its first lines.",
	HeaderLine:       "A line in the header is neither a field nor the continuation of one; some readers ignore it, others take it and all that follows for the body.",
	MboxLine:         "The header begins with a \"From \" line, which belongs to mailbox files and not into a message; some servers refuse it.",
	HeaderTooLarge:   "The header is larger than what is read of it; the fields past the limit are not shown.",
	RawHeader:        "The header contains 8-bit characters that are not encoded; without SMTPUTF8 servers may refuse it and readers may show wrong characters.",
	BadWord:          "An encoded word in the header is malformed; readers show it as it stands or with wrong characters.",
	DuplicateField:   "A field that may occur only once occurs more than once; readers disagree about which one counts, and some servers refuse the message.",
	MissingDate:      "There is no Date field; readers show the time of arrival or nothing, and spam filters count it against the message.",
	BadDate:          "The Date field is not a date as RFC 5322 writes it; readers may show another time or none.",
	MissingFrom:      "There is no From field; readers show no sender, and many servers refuse the message.",
	BadAddress:       "An address field is not a list of addresses as RFC 5322 writes it; readers may show it incompletely, and replies may fail.",
	MissingID:        "There is no Message-ID field; replies cannot be threaded, and spam filters count it against the message.",
	BccSent:          "A Bcc field was sent with the message; every recipient can read who the hidden recipients are.",
	NoMIMEVersion:    "There is no MIME-Version field; strict readers show the message as plain text, with its encodings and boundaries.",
	BadParameter:     "A parameter of a Content field is malformed; readers may miss the name, the charset or the boundary that it gives.",
	BadContentType:   "A Content-Type field gives no media type; the part is read as text/plain, where other readers may offer it as a file.",
	EncodedFilename:  "A parameter contains an encoded word, which RFC 2047 forbids there; some readers show the name undecoded.",
	MissingBoundary:  "A multipart names no boundary; readers that do not guess it show everything as one text.",
	BoundaryUnused:   "The boundary of a multipart does not occur in it; its content is taken as text, and other readers show nothing.",
	Unterminated:     "A multipart has no closing boundary; the message may have been cut off.",
	EncodedMultipart: "A multipart declares a transfer encoding, which RFC 2045 forbids; it is read as not encoded, where other readers may decode it to garbage.",
	EncodedMessage:   "An attached message is transfer-encoded, which RFC 2046 forbids; it is listed as a file and many readers do not open it.",
	TooDeep:          "Parts are nested deeper than what is read; the innermost ones are listed as one part.",
	TooManyParts:     "There are more parts than what is read; the rest is not shown.",
	UnknownEncoding:  "The transfer encoding is not one that RFC 2045 knows; the content is taken as it stands.",
	BadBase64:        "Base64 content contains what is not base64; it was skipped, and other readers may stop there.",
	BadQuoted:        "Quoted-printable content contains an equals sign that encodes nothing; it is shown as it stands, and other readers may stop there.",
	BadUuencode:      "Uuencoded content is malformed; what could be decoded is shown.",
	UnknownCharset:   "The charset is not known; the text is decoded by guess, and readers may show wrong characters.",
	BadCharset:       "The text contains octets that its charset does not have; they are shown as replacement characters.",
	Unlabelled:       "The text contains 8-bit characters but names no charset that has them; readers guess, and may show wrong characters.",
	Raw8Bit:          "The content is declared as 7bit but contains 8-bit octets; servers without 8BITMIME may damage or refuse it.",
	LongLine:         "A line is longer than the 998 octets that RFC 5322 allows; servers may break it or refuse the message.",
	BareLF:           "A line ends in a bare LF and not in CRLF; servers may refuse the message or change it, which breaks signatures.",
	BareCR:           "The message contains a CR that ends no line; servers may refuse it or take it for a line end.",
	NUL:              "The message contains a NUL octet; servers may refuse it or cut the line there.",
	TNEF:             "The attachments are wrapped in a TNEF file (winmail.dat), which only Outlook opens.",
	ReadError:        "The message could not be read to its end; what was read is shown.",
}

// Sentence tells in plain words what a defect's code means; "" for an unknown code.
func Sentence(code string) string { return sentences[code] }
