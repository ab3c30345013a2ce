// The public HTTP API, as the page uses it.

/**
 * @typedef {{name: string, address: string}} Address
 *
 * @typedef {object} Summary
 * @property {string} id
 * @property {number} seq
 * @property {string} received
 * @property {number} size
 * @property {Address[]} from
 * @property {Address[]} to
 * @property {Address[]} cc
 * @property {string} subject
 * @property {string} preview
 * @property {string} sender
 * @property {string[]} recipients
 * @property {string[]} mailboxes
 * @property {number} attachmentCount
 * @property {string[]} defectCodes
 * @property {boolean} seen
 * @property {string[]} tags
 *
 * @typedef {object} List
 * @property {Summary[]} messages
 * @property {number} next
 * @property {number} cursor
 * @property {number} revision of the newest event
 * @property {number} total
 * @property {number} unseen
 * @property {number} bytes
 * @property {number} pruned
 *
 * @typedef {object} Recipient
 * @property {string} address
 * @property {string} mailbox
 * @property {boolean} hidden
 * @property {string[]} notify
 * @property {string} [orcpt]
 * @property {string} [orcptType]
 *
 * @typedef {object} Envelope
 * @property {string} sender
 * @property {Recipient[]} recipients
 * @property {string} helo
 * @property {string} remote
 * @property {string} user
 * @property {string} tls
 * @property {boolean} extended
 * @property {string} mechanism
 * @property {string} cipher
 * @property {number} size
 * @property {string} body
 * @property {boolean} smtputf8
 * @property {string} ret
 * @property {string} envid
 * @property {string} [auth]
 *
 * @typedef {{name: string, raw: string, value: string}} Field
 * @typedef {{code: string, text: string, part: string, detail: string}} Defect
 *
 * @typedef {object} Attachment
 * @property {string} path
 * @property {string} name
 * @property {string} type
 * @property {number} octets
 * @property {string} contentId
 * @property {string} sha256
 * @property {boolean} inline
 *
 * @typedef {object} Detail
 * @property {string} messageId
 * @property {string} [date]
 * @property {Envelope} envelope
 * @property {string[]} hidden
 * @property {Field[]} trace
 * @property {Field[]} headers
 * @property {string} text
 * @property {string} html
 * @property {string[]} remote
 * @property {Attachment[]} attachments
 * @property {Defect[]} defects
 * @property {boolean} textTruncated
 * @property {boolean} htmlTruncated
 * @property {Part[]} parts
 * @property {Link[]} links
 * @property {Code[]} codes
 * @property {Unsubscribe[]} unsubscribe
 * @property {string} session
 * @property {string[]} sessions
 *
 * @typedef {Summary & Detail} Message
 *
 * @typedef {{version: string, smtp: string, pop3: string, http: string}} Info
 *
 * @typedef {{message: string, location?: string, value?: unknown}} ProblemDetail
 */

/** An answer that is a problem document (RFC 9457). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {ProblemDetail[]} errors
   */
  constructor(status, detail, errors) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
async function ask(path, init) {
  const answer = await fetch(path, init);
  if (answer.ok) return answer;
  let detail = `${answer.status} ${answer.statusText}`;
  let errors = [];
  try {
    const body = await answer.json();
    detail = body.detail ?? detail;
    errors = body.errors ?? [];
  } catch {
    // Not a problem document: the status has to do.
  }
  throw new Problem(answer.status, detail, errors);
}

/** @param {string} id */
const at = (id) => `v1/messages/${encodeURIComponent(id)}`;

/**
 * @param {{q?: string, mailbox?: string, before?: number, after?: number, limit?: number, order?: "newest" | "oldest"}} options
 * @param {AbortSignal} [signal]
 * @returns {Promise<List>}
 */
export async function list(options, signal) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(options)) if (value) query.set(key, String(value));
  const answer = await ask(`v1/messages?${query}`, { signal });
  return answer.json();
}

/**
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Message>}
 */
export async function get(id, signal) {
  return (await ask(at(id), { signal })).json();
}

/**
 * @param {string} id
 * @param {{seen?: boolean, tags?: string[]}} change
 */
export async function change(id, change) {
  await ask(at(id), {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(change),
  });
}

/** @param {string} id */
export async function remove(id) {
  await ask(at(id), { method: "DELETE" });
}

/** @returns {Promise<Info>} */
export async function info() {
  return (await ask("v1/info")).json();
}

/**
 * The beginning of a message as it was sent.
 * @param {string} id
 * @param {number} limit in octets
 * @param {AbortSignal} signal
 */
export async function source(id, limit, signal) {
  const answer = await ask(rawURL(id), { signal });
  const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let left = limit; left > 0; ) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), whole: true };
    text += decoder.decode(value.subarray(0, left), { stream: true });
    left -= value.length;
  }
  await reader.cancel();
  return { text, whole: false };
}

/** @param {string} id */
export const rawURL = (id) => `${at(id)}/raw`;

/**
 * @param {string} id
 * @param {{remote: boolean, inverted: boolean}} how
 */
export function htmlURL(id, { remote, inverted }) {
  const query = new URLSearchParams();
  if (remote) query.set("remote", "true");
  if (inverted) query.set("inverted", "true");
  return `${at(id)}/html${query.size ? `?${query}` : ""}`;
}

/**
 * @param {string} id
 * @param {string} path
 */
export const partURL = (id, path) => `${at(id)}/parts/${encodeURIComponent(path)}?download=true`;

export const eventsURL = "v1/events";

// One message: its parts, its sessions, and sending it again.

/**
 * @typedef {{href: string, text: string, where: "html" | "text" | "header", part: string}} Link
 * @typedef {{code: string, context: string, where: "subject" | "html" | "text"}} Code
 * @typedef {{href: string, oneClick: boolean}} Unsubscribe
 *
 * @typedef {object} Part
 * @property {string} path
 * @property {string} type
 * @property {string} charset
 * @property {string} encoding
 * @property {string} disposition
 * @property {string} name
 * @property {string} contentId
 * @property {number} octets
 * @property {Part[]} parts
 *
 * @typedef {object} SessionRecord
 * @property {string} id
 * @property {"smtp" | "pop3"} protocol
 * @property {string} remote
 * @property {string} user
 * @property {string} started
 * @property {string} ended
 * @property {string} outcome
 * @property {boolean} failed
 * @property {string[]} messages
 * @property {{ms: number, from: "client" | "server" | "note", text: string}[]} transcript
 * @property {boolean} truncated
 */

/**
 * Reads a message as it was sent, piece by piece, until limit octets or stop.
 * @param {string} address of the octets
 * @param {number} limit in octets
 * @param {AbortSignal} signal
 * @param {string} [charset] where it is not UTF-8
 * @returns {AsyncGenerator<string, boolean>} the text; at the end whether this was all
 */
export async function* pieces(address, limit, signal, charset = "utf-8") {
  const answer = await ask(address, { signal });
  const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
  const decoder = decoderFor(charset);
  try {
    for (let left = limit; ; ) {
      const { done, value } = await reader.read();
      if (done) {
        yield decoder.decode();
        return true;
      }
      if (value.length > left) {
        yield decoder.decode(value.subarray(0, left));
        return false;
      }
      left -= value.length;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    reader.cancel().catch(() => {}); // it was aborted
  }
}

/** @param {string} charset */
function decoderFor(charset) {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder(); // no browser knows it
  }
}

/**
 * A part as a browser may show it: what could run is saved instead.
 * @param {string} id
 * @param {string} path
 */
export const partViewURL = (id, path) => `${at(id)}/parts/${encodeURIComponent(path)}`;

/**
 * The sessions of a message, without their transcripts.
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Omit<SessionRecord, "transcript" | "truncated">[]>}
 */
export async function sessionsOf(id, signal) {
  const answer = await ask(`v1/sessions?${new URLSearchParams({ message: id, limit: "1000" })}`, { signal });
  return (await answer.json()).sessions;
}

/**
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<SessionRecord>}
 */
export async function sessionRecord(id, signal) {
  return (await ask(`v1/sessions/${encodeURIComponent(id)}`, { signal })).json();
}

/**
 * Delivers a message once more, with the same envelope.
 * @param {Message} m
 * @returns {Promise<{id: string, seq: number, mailboxes: string[]}>}
 */
export async function sendAgain(m) {
  const query = new URLSearchParams({ from: m.envelope.sender });
  for (const r of m.envelope.recipients) query.append("to", r.address);
  const content = await (await ask(rawURL(m.id))).blob();
  const answer = await ask(`v1/messages?${query}`, { method: "POST", headers: { "Content-Type": "message/rfc822" }, body: content });
  return answer.json();
}

// A long list: its pages, and what happens to many messages at once.

/** @typedef {{pages: number[], size: number, total: number, cursor: number}} Pages */

/**
 * @param {{q: string, mailbox: string, size: number}} options
 * @param {AbortSignal} signal
 * @returns {Promise<Pages>}
 */
export async function pages({ q, mailbox, size }, signal) {
  const query = new URLSearchParams({ size: String(size) });
  if (q) query.set("q", q);
  if (mailbox) query.set("mailbox", mailbox);
  return (await ask(`v1/pages?${query}`, { signal })).json();
}

/**
 * Those that are gone are passed over.
 * @param {string[]} ids at most 10,000
 * @param {{seen?: boolean, tags?: string[]}} change
 */
export async function changeMany(ids, change) {
  await ask("v1/messages", {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ids, ...change }),
  });
}

/**
 * Those that are gone are passed over.
 * @param {string[]} ids at most 10,000; of pages that are being left what fits in 64 KiB
 * @param {boolean} leaving the page: the request outlives it
 */
export async function removeMany(ids, leaving) {
  await ask("v1/messages", {
    method: "DELETE",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ids }),
    keepalive: leaving,
  });
}

/**
 * Deletes what matches and has a lower seq.
 * @param {{q: string, mailbox: string, before: number}} what
 * @param {boolean} leaving
 */
export async function removeMatching({ q, mailbox, before }, leaving) {
  const query = new URLSearchParams({ mailbox: mailbox || "*", before: String(before) });
  if (q) query.set("q", q);
  await ask(`v1/messages?${query}`, { method: "DELETE", keepalive: leaving });
}

// The frame: mailboxes, counts.

/**
 * @typedef {object} Mailbox
 * @property {string} name
 * @property {number} messages
 * @property {number} unseen
 * @property {number} octets
 * @property {boolean} inbox a disposable one
 */

/**
 * @param {{after?: string, prefix?: string, limit: number}} options
 * @param {AbortSignal} [signal]
 * @returns {Promise<{mailboxes: Mailbox[], next: string}>}
 */
export async function mailboxes({ after, prefix, limit }, signal) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (after) query.set("after", after);
  if (prefix) query.set("prefix", prefix);
  return (await ask(`v1/mailboxes?${query}`, { signal })).json();
}

/** @param {string} name */
const mailboxAt = (name) => `v1/mailboxes/${encodeURIComponent(name)}`;

/**
 * @param {string} name
 * @returns {Promise<Mailbox | null>} null when it holds nothing
 */
export async function mailbox(name) {
  try {
    return await (await ask(mailboxAt(name))).json();
  } catch (e) {
    if (e instanceof Problem && e.status === 404) return null;
    throw e;
  }
}

/**
 * Marks all messages of a mailbox as seen.
 * @param {string} name
 */
export async function seeMailbox(name) {
  await ask(mailboxAt(name), {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ seen: true }),
  });
}

/**
 * Deletes what is in a mailbox.
 * @param {string} name
 */
export async function removeMailbox(name) {
  await ask(mailboxAt(name), { method: "DELETE" });
}

/**
 * How many of the kept sessions failed, counted up to a limit.
 * @param {number} limit
 * @returns {Promise<number>}
 */
export async function failedSessions(limit) {
  const answer = await ask(`v1/sessions?failed=true&limit=${limit}`);
  return (await answer.json()).sessions.length;
}

// Setup, compose, import, sessions.

/**
 * @typedef {Info & {smtps: string, pop3s: string, starttls: boolean, everywhere: string[], authRequired: boolean, users: boolean, persona: string, personas: string[], counts: {messages: number}}} ServerInfo
 *
 * @typedef {object} Imported
 * @property {number} imported
 * @property {number} failed
 * @property {string[]} ids
 * @property {{message: number, reason: string}[]} failures
 *
 * @typedef {object} Attempt
 * @property {number} ms
 * @property {string} from
 * @property {string[]} recipients
 * @property {string[]} refused
 * @property {string} outcome
 * @property {number} octets
 *
 * @typedef {Omit<SessionRecord, "transcript" | "truncated"> & {helo: string, tls: string, faults: string[]}} SessionSummary
 * @typedef {SessionSummary & {transcript: SessionRecord["transcript"], truncated: boolean, attempts: Attempt[]}} SessionDetail
 */

/** @returns {Promise<ServerInfo>} */
export async function serverInfo() {
  return (await ask("v1/info")).json();
}

/**
 * @param {object} mail as POST /v1/messages has it
 * @returns {Promise<{id: string}>}
 */
export async function compose(mail) {
  const answer = await ask("v1/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(mail) });
  return answer.json();
}

/**
 * Imports a message or a mailbox file. Only the older way of asking tells how
 * much was sent.
 * @param {Blob} file
 * @param {string} type
 * @param {(octets: number) => void} sent
 * @param {AbortSignal} signal
 * @returns {Promise<Imported>}
 */
export function importFile(file, type, sent, signal) {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", "v1/import");
    asked.setRequestHeader("Content-Type", type);
    asked.responseType = "json";
    asked.upload.onprogress = (e) => sent(e.loaded);
    asked.onload = () => {
      if (asked.status === 200 && asked.response) resolve(asked.response);
      else reject(new Problem(asked.status, asked.response?.detail ?? `${asked.status} ${asked.statusText}`, []));
    };
    asked.onerror = asked.onabort = () => reject(new TypeError("it was not answered"));
    signal.addEventListener("abort", () => asked.abort());
    asked.send(file);
  });
}

/**
 * @param {{protocol: string, failed: boolean, before: string, limit: number}} options
 * @param {AbortSignal} signal
 * @returns {Promise<{sessions: SessionSummary[], next: string}>}
 */
export async function sessions({ protocol, failed, before, limit }, signal) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (protocol) query.set("protocol", protocol);
  if (failed) query.set("failed", "true");
  if (before) query.set("before", before);
  return (await ask(`v1/sessions?${query}`, { signal })).json();
}

// Faults.

/**
 * @typedef {object} FaultRule
 * @property {string} [id]
 * @property {string} [name]
 * @property {string} [owner]
 * @property {"smtp" | "pop3"} protocol
 * @property {string[]} at
 * @property {Record<string, string>} [for]
 * @property {{reply?: {code?: number, enhanced?: string, resp?: string, text?: string}, [name: string]: unknown}} do
 * @property {{next?: number, every?: number, after?: number, above?: number, per?: string, probability?: number, seed?: number, until?: string, session?: boolean}} [often]
 * @property {string} [ttl]
 * @property {string} [expires]
 *
 * @typedef {FaultRule & {id: string, matched: number, hits: number, lastHit?: string, warning?: string}} SetRule
 *
 * @typedef {{form: string, example: string, protocol: "" | "smtp" | "pop3", says: string}} AddressFault
 * @typedef {{on: boolean, separator: string, prefix: string, faults: AddressFault[]}} FaultAddresses
 */

/** @returns {Promise<{rules: SetRule[], addresses: FaultAddresses}>} */
export async function faults() {
  return (await ask("v1/faults")).json();
}

/** @param {string} id */
const faultAt = (id) => `v1/faults/${encodeURIComponent(id)}`;

/**
 * @param {string} id of the rule in whose place it goes; "": behind all others
 * @param {object} rule
 * @returns {Promise<SetRule>}
 */
export async function setFault(id, rule) {
  const answer = await ask(id ? faultAt(id) : "v1/faults", { method: id ? "PUT" : "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(rule) });
  return answer.json();
}

/** @param {string} id */
export async function removeFault(id) {
  await ask(faultAt(id), { method: "DELETE" });
}

/** @param {string} owner "": all rules, whoever's they are */
export async function removeFaultsOf(owner) {
  await ask(`v1/faults?${new URLSearchParams(owner ? { owner } : { all: "true" })}`, { method: "DELETE" });
}
