package message

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const corpusDir = "../../../shared/corpus"

// corpus returns real-world messages by file name; none where they are not at hand.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(corpusDir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]byte)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = b
	}
	return all
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	all := corpus(t)
	if len(all) == 0 {
		t.Skip("no corpus beside the repository")
	}
	for name, b := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			consistent(t, b)
			crlf := strings.ReplaceAll(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n", "\r\n")
			if slices.Contains(Index(strings.NewReader(crlf)).Defects, BareLF) {
				t.Error("bare LF found where there is none")
			}
		})
	}
}

// TestCorpusContent reads the messages that stand for a feature or a mistake.
func TestCorpusContent(t *testing.T) {
	t.Parallel()
	all := corpus(t)
	if len(all) == 0 {
		t.Skip("no corpus beside the repository")
	}
	const ruby = "rubymail__spec__fixtures__emails__"
	for _, tt := range []struct {
		file, subject, preview string // preview is a prefix
		attachments            []string
		code                   string // a defect that it must have
	}{
		{"cpython__msg_07.eml", "Here is your dingus fish", "Hi there, This is the dingus fish.", []string{"dingusfish.gif"}, MissingID},
		{"cpython__msg_14.eml", "This is a test message", "Hi, I'm sorry but I'm using a drainbread ISP", nil, BadContentType},
		{"cpython__msg_17.eml", "Here is your dingus fish", "Hi there, This is the dingus fish. [Non-text (image/gif) part", nil, BoundaryUnused},
		{"cpython__msg_25.eml", "Returned mail: Too many hops 19 (17 max): from <linuxuser-admin@www.linux.org.uk> via [199.164.235.226], to <scoffman@wellpartner.com>", "The original message was received", nil, MissingBoundary},
		{"cpython__msg_32.eml", "Re: Limiting Perl CPU Utilization...", "Some message.", nil, UnknownCharset},
		{"cpython__msg_35.eml", "here's something interesting", "counter to RFC 2822, there's no separating newline here", nil, MissingBlank},
		{"cpython__msg_36.eml", "I-D ACTION:draft-ietf-mboned-mix-00.txt", "Blah blah blah", []string{"draft-ietf-mboned-mix-00.txt"}, ""},
		{"cpython__msg_41.eml", "64423", "Blah blah blah", nil, MissingBoundary},
		{"cpython__msg_45.eml", "test", "This is the signed contents.", []string{"signature.asc"}, ""},
		{"inbucket__etc__swaks-tests__gmail.eml", "Test from Gmail", "Lorem ipsum dolor sit amet", []string{"README.txt", "favicon.png"}, ""},
		{"inbucket__etc__swaks-tests__utf8-subject.eml", "Test of ȇɲʢȯȡɪɴʛ", "Testing subject line encoding", nil, ""},
		{"greenmail__greenmail-core__src__test__resources__preload__foo_localhost__INBOX__test-1.eml", "test-1", "Test message saved as eml", nil, ""},
		{ruby + "attachment_emails__attachment_message_rfc822.eml", "testing", "This is the first part.", []string{"ForwardedMessage.eml"}, MboxLine},
		{ruby + "attachment_emails__attachment_message_rfc822_inline_image.eml", "test", "", []string{"Testmail.eml"}, ""},
		{ruby + "attachment_emails__attachment_nonascii_filename.eml", "testing", "This is the first part.", []string{"ciële.txt"}, RawHeader},
		{ruby + "attachment_emails__attachment_only_email.eml", "this message JUST contains an attachment", "", []string{"blah.gz"}, ""},
		{ruby + "attachment_emails__attachment_pdf.eml", "Another PDF with 🎉 Unicode chars in it 🍿", "Just attaching another PDF, here", []string{"broken.pdf"}, ""},
		{ruby + "attachment_emails__attachment_with_base64_encoded_name.eml", "Fwd: Signed email causes file attachments", "We should not include these files", []string{"This is a test.pdf"}, EncodedFilename},
		{ruby + "attachment_emails__attachment_with_quoted_filename.eml", "Eelanalüüsi päring", "", []string{"Eelanalüüsi päring.jpg"}, EncodedFilename},
		{ruby + "attachment_emails__attachment_with_unquoted_name.eml", "testing", "This is the first part.", []string{"This is a test.txt"}, ""},
		{ruby + "error_emails__bad_date_header.eml", "You may_be Eligible for Legitimate_Cash from_GovAgencies!", "", nil, BadDate},
		{ruby + "error_emails__content_transfer_encoding_with_semi_colon.eml", "Attention", "Dear Homeowner, You have been pre-approved", nil, ""},
		{ruby + "error_emails__content_transfer_encoding_x_uuencode.eml", "PGP Comments on RTO West Release of Dec. 14", "Attached are the comments", []string{"PGP_Cmts_on_12-14-01_Pkg.doc"}, ""},
		{ruby + "error_emails__multiple_content_types.eml", "Redacted", "foo", nil, DuplicateField},
		{ruby + "mime_emails__email_with_similar_boundaries.eml", "Xxxxxx", "Test", []string{"LOGO.png"}, ""},
		{ruby + "mime_emails__raw_email4.eml", "Filth", "Some text", nil, Unterminated},
		{ruby + "mime_emails__raw_email7.eml", "testing", "This is the first part.", []string{"test.rb", "test.pdf", "smime.p7s"}, ""},
		{ruby + "multi_charset__japanese.eml", "まみむめも", "かきくえこ", nil, MissingDate},
		{ruby + "multi_charset__japanese_attachment_long_name.eml", strings.Repeat("まみむめも", 10), "", []string{strings.Repeat("かきくけこ", 5) + ".txt"}, EncodedFilename},
		{ruby + "multi_charset__japanese_iso_2022.eml", "まみむめも", "すみません。", nil, ""},
		{ruby + "multi_charset__japanese_shift_jis.eml", "test", "あいうえお このメールはテスト用のメールです。", nil, ""},
		{ruby + "multi_charset__ks_c_5601-1987.eml", "test", "스티해", nil, ""},
		{ruby + "plain_emails__raw_email_incorrect_header.eml", "Stop adware/spyware once and for all.", "You are infected with:", nil, HeaderLine},
		{ruby + "plain_emails__raw_email_simple.eml", "Testing outlook", "Hello Mikel", nil, MboxLine},
		{ruby + "rfc2822__example10.eml", "", "Testing.", nil, ""},
		{ruby + "rfc6532__utf8_headers.eml", "Säying Hello", "body", nil, RawHeader},
	} {
		b, ok := all[tt.file]
		if !ok {
			t.Errorf("%s is not in the corpus", tt.file)
			continue
		}
		s := Index(bytes.NewReader(b))
		if s.Subject != tt.subject {
			t.Errorf("%s: subject %q, want %q", tt.file, s.Subject, tt.subject)
		}
		if !strings.HasPrefix(s.Preview, tt.preview) || tt.preview == "" && s.Preview != "" {
			t.Errorf("%s: preview %q, want %q", tt.file, s.Preview, tt.preview)
		}
		if !slices.Equal(s.AttachmentNames, tt.attachments) {
			t.Errorf("%s: attachments %q, want %q", tt.file, s.AttachmentNames, tt.attachments)
		}
		if tt.code != "" && !slices.Contains(s.Defects, tt.code) {
			t.Errorf("%s: defects %q, want %s", tt.file, s.Defects, tt.code)
		}
	}
}
