// What to paste into a program so that its mail comes here. Each works as it
// stands: a test runs them.
//
// Many libraries begin TLS by themselves where it is offered, and then refuse a
// certificate that they do not know. Where it is offered they are told not to.

import { hostPort } from "./places.js";

/**
 * @typedef {import("./places.js").Door} Door
 * @typedef {{id: string, name: string, file: string, text: string}} Snippet
 *   file: where it goes, or what it is saved as
 * @typedef {{door: Door, startTLS: boolean, auth: boolean}} Target
 */

const user = "user";
const password = "password";

/** @param {(string | false)[]} all */
const lines = (...all) => all.filter((line) => line !== false).join("\n");

/** @type {readonly {id: string, name: string, file: string, write: (to: Target & Door) => string}[]} */
const kinds = [
  {
    id: "curl",
    name: "curl",
    file: "sh",
    write: ({ door, auth }) =>
      lines(
        String.raw`printf '%s\r\n' 'From: App <app@example.test>' 'To: you@example.test' ` + "\\",
        "  'Subject: Hello' '' 'It works.' |",
        `  curl -sS smtp://${hostPort(door)}${auth ? ` -u ${user}:${password}` : ""} -T - \\`,
        "    --mail-from app@example.test --mail-rcpt you@example.test",
      ),
  },
  {
    id: "swaks",
    name: "swaks",
    file: "sh",
    write: ({ host, port, auth }) =>
      lines(
        `swaks --server ${host} --port ${port} --from app@example.test --to you@example.test \\`,
        auth && `  --auth-user ${user} --auth-password ${password} \\`,
        "  --header 'Subject: Hello' --body 'It works.'",
      ),
  },
  {
    id: "node",
    name: "Node.js",
    file: "send.mjs",
    write: ({ host, port, auth }) =>
      lines(
        'import nodemailer from "nodemailer";',
        "",
        "const transport = nodemailer.createTransport({",
        `  host: "${host}",`,
        `  port: ${port},`,
        "  secure: false,",
        "  ignoreTLS: true,",
        auth && `  auth: { user: "${user}", pass: "${password}" },`,
        "});",
        "",
        "await transport.sendMail({",
        '  from: "App <app@example.test>",',
        '  to: "you@example.test",',
        '  subject: "Hello",',
        '  text: "It works.",',
        "});",
      ),
  },
  {
    id: "python",
    name: "Python",
    file: "send.py",
    write: ({ host, port, auth }) =>
      lines(
        "import smtplib",
        "from email.message import EmailMessage",
        "",
        "message = EmailMessage()",
        'message["From"] = "App <app@example.test>"',
        'message["To"] = "you@example.test"',
        'message["Subject"] = "Hello"',
        'message.set_content("It works.")',
        "",
        `with smtplib.SMTP("${host}", ${port}) as smtp:`,
        auth && `    smtp.login("${user}", "${password}")`,
        "    smtp.send_message(message)",
      ),
  },
  {
    id: "django",
    name: "Django",
    file: "settings.py",
    write: ({ host, port, auth }) =>
      lines(
        'EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"',
        `EMAIL_HOST = "${host}"`,
        `EMAIL_PORT = ${port}`,
        `EMAIL_HOST_USER = "${auth ? user : ""}"`,
        `EMAIL_HOST_PASSWORD = "${auth ? password : ""}"`,
        "EMAIL_USE_TLS = False",
        "EMAIL_USE_SSL = False",
        'DEFAULT_FROM_EMAIL = "app@example.test"',
        "",
        "# python manage.py sendtestemail you@example.test",
      ),
  },
  {
    id: "rails",
    name: "Rails",
    file: "config/environments/development.rb",
    write: ({ host, port, auth }) =>
      lines(
        "config.action_mailer.perform_deliveries = true",
        "config.action_mailer.raise_delivery_errors = true",
        "config.action_mailer.delivery_method = :smtp",
        "config.action_mailer.smtp_settings = {",
        `  address: "${host}",`,
        `  port: ${port},`,
        auth && `  user_name: "${user}",`,
        auth && `  password: "${password}",`,
        auth && "  authentication: :plain,",
        "  enable_starttls_auto: false",
        "}",
        "",
        '# bin/rails runner \'ActionMailer::Base.mail(from: "app@example.test", to: "you@example.test", subject: "Hello", body: "It works.").deliver_now\'',
      ),
  },
  {
    id: "laravel",
    name: "Laravel",
    file: ".env",
    write: ({ door, host, port, auth, startTLS }) =>
      lines(
        "MAIL_MAILER=smtp",
        startTLS && `MAIL_URL="smtp://${hostPort(door)}?auto_tls=false"`,
        `MAIL_HOST=${host}`,
        `MAIL_PORT=${port}`,
        `MAIL_USERNAME=${auth ? user : "null"}`,
        `MAIL_PASSWORD=${auth ? password : "null"}`,
        "MAIL_SCHEME=null",
        "MAIL_ENCRYPTION=null",
        'MAIL_FROM_ADDRESS="app@example.test"',
        "",
        "# php artisan tinker --execute=\"Mail::raw('It works.', fn (\\$m) => \\$m->to('you@example.test')->subject('Hello'));\"",
      ),
  },
  {
    id: "symfony",
    name: "Symfony",
    file: ".env.local",
    write: ({ door, auth, startTLS }) =>
      lines(
        `MAILER_DSN=smtp://${auth ? `${user}:${password}@` : ""}${hostPort(door)}${startTLS ? "?auto_tls=false" : ""}`,
        "",
        "# php bin/console mailer:test you@example.test --from=app@example.test",
      ),
  },
  {
    id: "spring",
    name: "Spring",
    file: "application.properties",
    write: ({ host, port, auth }) =>
      lines(
        `spring.mail.host=${host}`,
        `spring.mail.port=${port}`,
        auth && `spring.mail.username=${user}`,
        auth && `spring.mail.password=${password}`,
        `spring.mail.properties.mail.smtp.auth=${auth}`,
        "spring.mail.properties.mail.smtp.starttls.enable=false",
      ),
  },
  {
    id: "go",
    name: "Go",
    file: "main.go",
    write: ({ door, host, auth, startTLS }) => (startTLS ? goByHand(door, auth) : goAtOnce(door, host, auth)),
  },
  {
    id: "dotnet",
    name: ".NET",
    file: "Program.cs",
    write: ({ host, port, auth }) =>
      lines(
        "using System.Net;",
        "using System.Net.Mail;",
        "",
        `using var smtp = new SmtpClient("${host}", ${port});`,
        auth && `smtp.Credentials = new NetworkCredential("${user}", "${password}");`,
        'smtp.Send("app@example.test", "you@example.test", "Hello", "It works.");',
      ),
  },
];

const goMail = [
  'const mail = "From: App <app@example.test>\\r\\n" +',
  '\t"To: you@example.test\\r\\n" +',
  '\t"Subject: Hello\\r\\n" +',
  '\t"\\r\\n" +',
  '\t"It works.\\r\\n"',
];

/**
 * @param {Door} door
 * @param {string} host
 * @param {boolean} auth
 */
const goAtOnce = (door, host, auth) =>
  lines(
    "package main",
    "",
    "import (",
    '\t"log"',
    '\t"net/smtp"',
    ")",
    "",
    ...goMail,
    "",
    "func main() {",
    auth && `\tauth := smtp.PlainAuth("", "${user}", "${password}", "${host}")`,
    `\terr := smtp.SendMail("${hostPort(door)}", ${auth ? "auth" : "nil"}, "app@example.test",`,
    '\t\t[]string{"you@example.test"}, []byte(mail))',
    "\tif err != nil {",
    "\t\tlog.Fatal(err)",
    "\t}",
    "}",
  );

/**
 * smtp.SendMail begins TLS by itself.
 * @param {Door} door
 * @param {boolean} auth
 */
const goByHand = (door, auth) =>
  lines(
    "package main",
    "",
    "import (",
    '\t"errors"',
    '\t"io"',
    '\t"log"',
    '\t"net/smtp"',
    ")",
    "",
    ...goMail,
    "",
    "func main() {",
    `\tc, err := smtp.Dial("${hostPort(door)}")`,
    "\tif err != nil {",
    "\t\tlog.Fatal(err)",
    "\t}",
    auth && `\tif err := c.Auth(smtp.PlainAuth("", "${user}", "${password}", "${door.host}")); err != nil {`,
    auth && "\t\tlog.Fatal(err)",
    auth && "\t}",
    '\terr = errors.Join(c.Mail("app@example.test"), c.Rcpt("you@example.test"))',
    "\tif err != nil {",
    "\t\tlog.Fatal(err)",
    "\t}",
    "\tw, err := c.Data()",
    "\tif err != nil {",
    "\t\tlog.Fatal(err)",
    "\t}",
    "\t_, err = io.WriteString(w, mail)",
    "\tif err := errors.Join(err, w.Close(), c.Quit()); err != nil {",
    "\t\tlog.Fatal(err)",
    "\t}",
    "}",
  );

/**
 * @param {Target} target
 * @returns {Snippet[]}
 */
export function snippets(target) {
  return kinds.map(({ id, name, file, write }) => ({ id, name, file, text: write({ ...target, ...target.door }) }));
}

/**
 * Settings of mutt, for mutt -n -F.
 * @param {{smtp: Door | null, pop3: Door | null, address: string, auth: boolean}} to
 */
export function muttrc({ smtp, pop3, address, auth }) {
  const login = address.replaceAll("@", "%40");
  return lines(
    `set from="${address}" use_from=yes use_envelope_from=yes`,
    smtp !== null && `set smtp_url="smtp://${auth ? `${login}@` : ""}${hostPort(smtp)}/"`,
    smtp !== null && auth && `set smtp_pass="${password}" smtp_authenticators="plain"`,
    pop3 !== null && `set spoolfile="pop://${login}@${hostPort(pop3)}/"`,
    pop3 !== null && `set pop_pass="${password}" pop_authenticators="user" pop_delete=no`,
    "set ssl_starttls=no ssl_force_tls=no",
    "set folder=~/.restante-mutt record=~/.restante-mutt/sent confirmcreate=no copy=no",
  );
}
