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
 *
 * @typedef {object} Envelope
 * @property {string} sender
 * @property {Recipient[]} recipients
 * @property {string} helo
 * @property {string} remote
 * @property {string} user
 * @property {string} tls
 *
 * @typedef {{name: string, raw: string, value: string}} Field
 * @typedef {{code: string, text: string, part: string}} Defect
 *
 * @typedef {object} Attachment
 * @property {string} path
 * @property {string} name
 * @property {string} type
 * @property {number} octets
 * @property {string} contentId
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
 * @param {{q?: string, before?: number, after?: number, limit?: number, order?: "newest" | "oldest"}} options
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
 * @param {boolean} remote
 */
export const htmlURL = (id, remote) => `${at(id)}/html${remote ? "?remote=true" : ""}`;

/**
 * @param {string} id
 * @param {string} path
 */
export const partURL = (id, path) => `${at(id)}/parts/${encodeURIComponent(path)}?download=true`;

export const eventsURL = "v1/events";
