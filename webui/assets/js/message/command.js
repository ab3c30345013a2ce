// Commands that send a message again from a terminal. They work as they stand.

/** @typedef {import("../api.js").Message} Message */

/**
 * Where the SMTP server is, as whoever reads this page may reach it.
 * @param {string} smtp host and port that it listens on
 * @param {string} here the host that the page came from
 */
export function serverAt(smtp, here) {
  const at = smtp.lastIndexOf(":");
  const host = smtp.slice(0, at);
  const everywhere = host === "" || host === "0.0.0.0" || host === "[::]" || host === "::";
  return `${everywhere ? here : host}:${smtp.slice(at + 1)}`;
}

/**
 * A word for a shell.
 * @param {string} text
 */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/**
 * @typedef {{raw: string, server: string, login: boolean, user: string}} Where
 *   raw: address of the octets; login: the server wants one; user: whose the message was
 */

/**
 * @param {Message} m
 * @param {Where} where
 */
export function curl(m, { raw, server, login, user }) {
  return [
    `curl -fsS ${quoted(raw)} |`,
    [
      `  curl -sS smtp://${server}`,
      ...(login ? [`--user ${quoted(`${user || "USER"}:PASSWORD`)}`] : []),
      `--mail-from ${quoted(m.envelope.sender || "<>")}`,
      ...m.envelope.recipients.map((r) => `--mail-rcpt ${quoted(r.address)}`),
      "-T -",
    ].join(" \\\n    "),
  ].join("\n");
}

/**
 * Left alone, swaks puts its own words in place of %DATE% and the like, and adds
 * a line at the end; with --no-data-fixup it wants the dots of RFC 5321 §4.5.2.
 * @param {Message} m
 * @param {Where} where
 */
export function swaks(m, { raw, server, login, user }) {
  return [
    `curl -fsS ${quoted(raw)} |`,
    `  LC_ALL=C awk '{ sub(/^\\./, "..") } 1; END { printf "." }' |`,
    [
      `  swaks --server ${server}`,
      ...(login ? [`--auth --auth-user ${quoted(user || "USER")} --auth-password PASSWORD`] : []),
      `--from ${quoted(m.envelope.sender || "<>")}`,
      `--to ${quoted(m.envelope.recipients.map((r) => r.address).join(","))}`,
      "--no-data-fixup --data -",
    ].join(" \\\n    "),
  ].join("\n");
}
