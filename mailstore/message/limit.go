package message

// Limits of what is read. Reaching one is a defect and never an error.
const (
	MaxText       = 4 << 20   // octets of Message.Text and of Message.HTML
	MaxIndexText  = 256 << 10 // octets of Summary.Text
	MaxHeaderText = 64 << 10  // octets of Summary.HeaderText
	MaxPreview    = 160       // octets of Summary.Preview
	MaxDepth      = 50        // parts inside parts
	MaxParts      = 1000
	MaxHeader     = 1 << 20 // octets of one header
	MaxFields     = 10000   // of one header

	maxHeaders   = 4 << 20 // octets of all headers of a message together
	maxIndexRaw  = 1 << 20 // decoded octets of one part that Index looks at: a charset may take four for a character, HTML more
	maxBoundary  = 1000    // octets; RFC 2046 §5.1.1 allows 70
	maxDelimiter = 4 << 10 // octets of a delimiter line with its white space
	maxLine      = 998     // octets without CRLF, RFC 5322 §2.1.1
	maxParams    = 500     // parameters of one field, RFC 2231 sections counted singly
	maxAddresses = 10000   // of one field
)
