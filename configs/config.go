package configs

import (
	"log/slog"
	"time"
)

// Config is every setting. Load one with [Parser] or fill in fields by hand:
// what a zero field means is said at [Config.Complete].
//
// The tags: name is the flag, env the variable, yaml the key in the settings
// file; oneof, form, min and max say what is allowed; zero is what a zero field
// means where that is not the default.
type Config struct {
	SMTP  string `group:"listen" name:"smtp" env:"RESTANTE_SMTP" yaml:"smtp" default:"127.0.0.1:1025" zero:"127.0.0.1:0" form:"address or socket" placeholder:"ADDR" help:"Where SMTP listens: host:port, unix:/path or off. Port 0 is any free port."`
	POP3  string `group:"listen" name:"pop3" env:"RESTANTE_POP3" yaml:"pop3" default:"127.0.0.1:1110" zero:"127.0.0.1:0" form:"address" placeholder:"ADDR" help:"Where POP3 listens: host:port or off."`
	HTTP  string `group:"listen" name:"http" env:"RESTANTE_HTTP" yaml:"http" default:"127.0.0.1:8025" zero:"127.0.0.1:0" form:"address or socket" placeholder:"ADDR" help:"Where the page and the API listen: host:port, unix:/path or off."`
	SMTPS string `group:"listen" name:"smtps" env:"RESTANTE_SMTPS" yaml:"smtps" default:"off" form:"address" placeholder:"ADDR" help:"Where SMTP with TLS from the first octet listens: host:port or off. Needs tls."`
	POP3S string `group:"listen" name:"pop3s" env:"RESTANTE_POP3S" yaml:"pop3s" default:"off" form:"address" placeholder:"ADDR" help:"Where POP3 with TLS from the first octet listens: host:port or off. Needs tls."`
	HTTPS string `group:"listen" name:"https" env:"RESTANTE_HTTPS" yaml:"https" default:"off" form:"address" placeholder:"ADDR" help:"Where the page and the API listen with TLS: host:port or off. Needs tls."`

	Data       string `group:"store" name:"data" env:"RESTANTE_DATA" yaml:"data" default:"auto" form:"file" placeholder:"FILE" help:"The store's file. auto is restante.db in the user's state directory (Linux: ~/.local/state/restante)."`
	Ephemeral  bool   `group:"store" name:"ephemeral" env:"RESTANTE_EPHEMERAL" yaml:"ephemeral" default:"false" help:"Keep mail in a throw-away store that is gone on exit. The file of data is not touched."`
	Durability string `group:"store" name:"durability" env:"RESTANTE_DURABILITY" yaml:"durability" default:"commit" oneof:"commit,none" help:"When mail is acknowledged. commit: once it is on disk. none: at once; a crash of the machine may lose or damage the store."`
	Naming     string `group:"store" name:"naming" env:"RESTANTE_NAMING" yaml:"naming" default:"full" oneof:"full,local,domain" help:"Which part of an address names its mailbox. full: alice@app.test, local: alice, domain: app.test."`
	Separator  string `group:"store" name:"separator" env:"RESTANTE_SEPARATOR" yaml:"separator" default:"+" form:"separator" placeholder:"TEXT" help:"What sets a tag apart in a local part: with +, alice+news is alice's mailbox. none keeps tags."`

	MaxMessages        int64         `group:"retention" name:"max-messages" env:"RESTANTE_MAX_MESSAGES" yaml:"max-messages" default:"0" min:"0" placeholder:"N" help:"Messages kept in the store; the oldest go first. 0 is no cap."`
	MaxAge             time.Duration `group:"retention" name:"max-age" env:"RESTANTE_MAX_AGE" yaml:"max-age" default:"0" min:"0" placeholder:"AGE" help:"How long messages are kept, such as 12h or 30d. 0 is for ever."`
	MaxBytes           Size          `group:"retention" name:"max-bytes" env:"RESTANTE_MAX_BYTES" yaml:"max-bytes" default:"2GiB" min:"0" placeholder:"SIZE" help:"Octets of mail kept in the store; the oldest go first. 0 is no cap."`
	MailboxMaxMessages int64         `group:"retention" name:"mailbox-max-messages" env:"RESTANTE_MAILBOX_MAX_MESSAGES" yaml:"mailbox-max-messages" default:"0" min:"0" placeholder:"N" help:"Messages kept in each mailbox. 0 is no cap."`
	MailboxMaxAge      time.Duration `group:"retention" name:"mailbox-max-age" env:"RESTANTE_MAILBOX_MAX_AGE" yaml:"mailbox-max-age" default:"0" min:"0" placeholder:"AGE" help:"How long messages are kept in each mailbox. 0 is for ever."`
	MailboxMaxBytes    Size          `group:"retention" name:"mailbox-max-bytes" env:"RESTANTE_MAILBOX_MAX_BYTES" yaml:"mailbox-max-bytes" default:"0" min:"0" placeholder:"SIZE" help:"Octets of mail kept in each mailbox. 0 is no cap."`
	Sessions           int           `group:"retention" name:"sessions" env:"RESTANTE_SESSIONS" yaml:"sessions" default:"1000" min:"1" max:"1000000" placeholder:"N" help:"Records of SMTP and POP3 sessions kept; the oldest go first."`

	TLS      string `group:"tls" name:"tls" env:"RESTANTE_TLS" yaml:"tls" default:"off" oneof:"off,self-signed,files" help:"Offer TLS: STARTTLS and STLS, and the listeners with TLS. self-signed: with a local authority, see restante cert. files: with tls-cert and tls-key."`
	TLSCert  string `group:"tls" name:"tls-cert" env:"RESTANTE_TLS_CERT" yaml:"tls-cert" default:"" form:"file" placeholder:"FILE" help:"Certificate chain in PEM, for tls files."`
	TLSKey   string `group:"tls" name:"tls-key" env:"RESTANTE_TLS_KEY" yaml:"tls-key" default:"" form:"file" placeholder:"FILE" help:"Its private key in PEM, for tls files."`
	Hostname string `group:"tls" name:"hostname" env:"RESTANTE_HOSTNAME" yaml:"hostname" default:"localhost" form:"hostname" placeholder:"NAME" help:"The server's name in greetings, trace fields and its certificate."`

	SMTPAuth  string `group:"access" name:"smtp-auth" env:"RESTANTE_SMTP_AUTH" yaml:"smtp-auth" default:"any" oneof:"any,required" help:"Whether SMTP clients must log in. any: they may. required: no mail without it."`
	UsersFile string `group:"access" name:"users-file" env:"RESTANTE_USERS_FILE" yaml:"users-file" default:"" form:"file" placeholder:"FILE" help:"Let in only the users of this htpasswd file. It is for SMTP and POP3, with bcrypt or SHA hashes; without it any user name and password will do."`
	HTTPHosts string `group:"access" name:"http-hosts" env:"RESTANTE_HTTP_HOSTS" yaml:"http-hosts" default:"" form:"hosts" placeholder:"NAMES" help:"Further names the page may be asked under, with commas, such as mail.example.com or *.example.com. IP addresses, localhost and hostname always work; * is any name."`
	WebAuth   string `group:"access" name:"web-auth" env:"RESTANTE_WEB_AUTH" yaml:"web-auth" default:"" form:"file" placeholder:"FILE" help:"Let only the users of this htpasswd file see the page and use the API. Their browsers ask for name and password; /livez and /readyz stay open."`
	WebTokens string `group:"access" name:"web-tokens" env:"RESTANTE_WEB_TOKENS" yaml:"web-tokens" default:"" form:"file" placeholder:"FILE" help:"Let only those use the page and the API who give a token of this file, one on a line: as Authorization: Bearer, or as the password of any user. With web-auth either will do."`
	CORS      string `group:"access" name:"cors" env:"RESTANTE_CORS" yaml:"cors" default:"" form:"origins" placeholder:"ORIGINS" help:"Pages elsewhere that may use the API, with commas, such as http://localhost:3000. * is any page: each one that you visit could then read and delete mail."`
	WebRoot   string `group:"access" name:"webroot" env:"RESTANTE_WEBROOT" yaml:"webroot" default:"/" form:"path" placeholder:"PATH" help:"The path at which a proxy shows the page, such as /mail. It may pass the path on or take it away."`
	POP3Lock  string `group:"access" name:"pop3-lock" env:"RESTANTE_POP3_LOCK" yaml:"pop3-lock" default:"shared" oneof:"shared,exclusive" help:"Whether a maildrop can be open twice. shared: yes. exclusive: a second login is refused, as RFC 1939 has it."`

	MaxMessageSize  Size          `group:"limits" name:"max-message-size" env:"RESTANTE_MAX_MESSAGE_SIZE" yaml:"max-message-size" default:"50MiB" min:"0" placeholder:"SIZE" help:"Largest message accepted. 0 is no limit."`
	MaxRecipients   int           `group:"limits" name:"max-recipients" env:"RESTANTE_MAX_RECIPIENTS" yaml:"max-recipients" default:"1000" min:"1" max:"1000000" placeholder:"N" help:"Most recipients of one message."`
	MaxCommandLine  int           `group:"limits" name:"max-command-line" env:"RESTANTE_MAX_COMMAND_LINE" yaml:"max-command-line" default:"2048" min:"512" max:"1048576" placeholder:"N" help:"Longest SMTP command line in octets. Lines of a message have no limit."`
	MaxConnections  int           `group:"limits" name:"max-connections" env:"RESTANTE_MAX_CONNECTIONS" yaml:"max-connections" default:"0" min:"0" placeholder:"N" help:"Most connections at a time, of SMTP and of POP3 each. 0 is no limit."`
	SMTPIdleTimeout time.Duration `group:"limits" name:"smtp-idle-timeout" env:"RESTANTE_SMTP_IDLE_TIMEOUT" yaml:"smtp-idle-timeout" default:"5m" min:"1s" placeholder:"TIME" help:"A silent SMTP client is disconnected after this long."`
	POP3IdleTimeout time.Duration `group:"limits" name:"pop3-idle-timeout" env:"RESTANTE_POP3_IDLE_TIMEOUT" yaml:"pop3-idle-timeout" default:"10m" min:"1s" placeholder:"TIME" help:"A silent POP3 client is disconnected after this long. RFC 1939 wants 10m at least."`

	FaultAddresses string `group:"faults" name:"fault-addresses" env:"RESTANTE_FAULT_ADDRESSES" yaml:"fault-addresses" default:"on" oneof:"on,off" help:"Whether an address can ask for a fault, as alice+fault.rcpt-550@app.test does. See docs/faults.md."`
	FaultPrefix    string `group:"faults" name:"fault-prefix" env:"RESTANTE_FAULT_PREFIX" yaml:"fault-prefix" default:"fault." form:"prefix" placeholder:"TEXT" help:"How the part of an address behind the separator begins that asks for a fault."`
	Persona        string `group:"faults" name:"persona" env:"RESTANTE_PERSONA" yaml:"persona" default:"" form:"name" placeholder:"NAME" help:"Behave as another SMTP server: postfix, exchange, gmail, ses, sendgrid, or strict, which refuses what RFC 5321 forbids. See docs/faults.md."`
	Personas       string `group:"faults" name:"personas" env:"RESTANTE_PERSONAS" yaml:"personas" default:"" form:"directory" placeholder:"DIR" help:"Where personas of your own are, each in a file NAME.yaml."`

	LogLevel  string `group:"log" name:"log-level" env:"RESTANTE_LOG_LEVEL" yaml:"log-level" default:"info" zero:"off" oneof:"off,debug,info,warn,error" help:"What is logged, on standard error."`
	LogFormat string `group:"log" name:"log-format" env:"RESTANTE_LOG_FORMAT" yaml:"log-format" default:"text" oneof:"text,json" help:"How it is logged."`

	// Faults are the fault rules that the server begins with: those of the settings
	// file, or made by a program.
	Faults []FaultRule `kong:"-"`

	// Log takes the place of LogLevel and LogFormat for a server inside another
	// program.
	Log *slog.Logger `kong:"-"`
}

// groups are the headings of the help, the sample and the table, in their order.
var groups = []group{
	{"listen", "Addresses"},
	{"store", "The store"},
	{"retention", "How much is kept"},
	{"tls", "TLS and names"},
	{"access", "Who gets in"},
	{"limits", "Limits"},
	{"faults", "Faults"},
	{"log", "Log"},
}
