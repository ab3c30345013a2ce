// What can be meant where the caret is in a search.

import * as api from "./api.js";
import { size } from "./format.js";
import { lang, t } from "./i18n.js";
import { fields, parse, write } from "./query.js";

/**
 * @typedef {object} Context  the term at the caret
 * @property {string} text
 * @property {number} from
 * @property {number} to
 * @property {boolean} neg
 * @property {string} field
 * @property {boolean} exact
 * @property {string} name
 * @property {string} typed  of the value, up to the caret
 *
 * @typedef {object} Option
 * @property {string} label
 * @property {string} note
 * @property {string} text   the query, if this is meant
 * @property {number} caret  in it
 * @property {boolean} more  a value is still to come
 * @property {boolean} [whole]  it is a whole search
 */

const most = 8; // options from the store

/**
 * @param {string} text
 * @param {number} caret
 * @returns {Context}
 */
export function contextAt(text, caret) {
  const term = parse(text).terms.find((each) => each.start < caret && caret <= each.end);
  if (!term) return { text, from: caret, to: caret, neg: false, field: "", exact: false, name: "", typed: "" };
  const { start, end, neg, field, exact, name, valueAt } = term;
  const typed = text.slice(valueAt, Math.max(caret, valueAt)).replace(/^"|"$/g, "");
  return { text, from: start, to: end, neg, field, exact, name, typed };
}

/**
 * Options that are known without asking the server.
 * @param {Context} at
 * @param {Date} now
 * @returns {Option[]}
 */
export function options(at, now = new Date()) {
  if (at.field) return fields.includes(at.field) ? values(at, now) : aliases(at, at.field);
  const typed = at.typed.toLowerCase();
  const found = fields.filter((f) => f.startsWith(typed)).map((f) => operator(at, f));
  if (!typed) return found;
  for (const [field, value, note] of words())
    if (value.startsWith(typed) && typed.length > 1) found.push(option(at, field, value, note));
  return [...found, ...(typed.length > 2 ? aliases(at, typed) : [])];
}

/** @type {Record<string, string>} What others call a field. */
const others = {
  sender: "from", recipient: "rcpt", bcc: "rcpt", title: "subject", text: "body", content: "body", folder: "mailbox", in: "mailbox", box: "mailbox", label: "tag",
  since: "after", newer: "after", date: "after", until: "before", older: "before", size: "larger", bigger: "larger", login: "user", ehlo: "helo", attachment: "has",
  unread: "is", read: "is", new: "is",
};

/**
 * @param {Context} at
 * @param {string} name
 */
const aliases = (at, name) => [...new Set(Object.keys(others).filter((word) => word.startsWith(name)).map((word) => others[word]))].map((f) => operator(at, f));

/** @returns {[field: string, value: string, note: string][]} */
const words = () => [
  ["is", "unseen", t("search.is.unseen")],
  ["is", "seen", t("search.is.seen")],
  ["has", "attachment", t("search.has.attachment")],
];

/**
 * @param {Context} at
 * @param {Date} now
 * @returns {Option[]}
 */
function values(at, now) {
  const { field, typed } = at;
  const begins = (/** @type {string} */ v) => v.toLowerCase().startsWith(typed.toLowerCase()) && v !== typed;
  if (field === "is" || field === "has") return words().filter(([f, v]) => f === field && begins(v)).map(([f, v, note]) => option(at, f, v, note));
  if (field === "after" || field === "before") {
    const found = spans.map(([v, unit, n]) => option(at, field, v, t(field === "after" ? "search.within" : "search.ago", { time: span(unit, n) })));
    const days = [0, 1, 7].map((ago) => day(now, ago));
    found.push(...days.map((v) => option(at, field, v, t(field === "after" ? "search.since" : "search.until"))));
    return found.filter((o) => begins(o.label.slice(o.label.indexOf(":") + 1)));
  }
  if (field === "larger" || field === "smaller") {
    const key = field === "larger" ? "search.larger" : "search.smaller";
    return sizes.filter(([v]) => begins(v)).map(([v, octets]) => option(at, field, v, t(key, { size: size(octets) })));
  }
  if (field === "header" && !typed) {
    return headers.filter((h) => h.toLowerCase().startsWith(at.name.toLowerCase()) && h !== at.name).map((h) => ({ ...insert(at, `header:${at.exact ? "=" : ""}${h}=`, true), label: `header:${h}=`, note: "" }));
  }
  return [];
}

/** @type {[value: string, unit: string, n: number][]} */
const spans = [["10m", "minute", 10], ["2h", "hour", 2], ["24h", "hour", 24], ["7d", "day", 7], ["30d", "day", 30]];
/** @type {[value: string, octets: number][]} */
const sizes = [["10k", 10 << 10], ["100k", 100 << 10], ["1M", 1 << 20], ["10M", 10 << 20]];
const headers = ["Message-ID", "Reply-To", "Content-Type", "List-Unsubscribe", "X-Mailer", "References", "Auto-Submitted", "DKIM-Signature"];

/**
 * @param {string} unit
 * @param {number} n
 */
const span = (unit, n) => new Intl.NumberFormat(lang.value, { style: "unit", unit, unitDisplay: "long" }).format(n);

/**
 * @param {Date} now
 * @param {number} ago
 */
function day(now, ago) {
  const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago, 12);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
}

/**
 * Whether the server may know values for what is typed.
 * @param {Context} at
 */
export const askable = (at) => (at.field ? ["from", "to", "cc", "rcpt", "mailbox", "tag"].includes(at.field) : at.typed.length > 1);

/**
 * Options from the store: mailboxes, addresses, tags.
 * @param {Context} at
 * @param {AbortSignal} signal
 * @returns {Promise<Option[]>}
 */
export async function storedOptions(at, signal) {
  const typed = at.typed.toLowerCase();
  if (at.field === "from" || at.field === "tag") {
    const found = new Set(at.field === "from" ? await senders(at.typed, signal) : await tags(signal));
    return [...found]
      .filter((v) => v.toLowerCase().includes(typed) && v !== at.typed)
      .slice(0, most)
      .map((v) => option(at, at.field, v, t(at.field === "from" ? "search.known" : "search.tagged")));
  }
  const { mailboxes } = await api.mailboxes({ prefix: at.typed, limit: most }, signal);
  return mailboxes.filter((m) => m.name !== at.typed).map((m) => option(at, at.field || "mailbox", m.name, t("search.inBox", { n: m.messages })));
}

/**
 * @param {string} typed
 * @param {AbortSignal} signal
 */
async function senders(typed, signal) {
  const q = typed && write({ neg: false, field: "from", exact: false, name: "", value: typed });
  const { messages } = await api.list({ q, limit: 50 }, signal);
  return messages.flatMap((m) => [...m.from.map((a) => a.address), m.sender].filter(Boolean));
}

/** @param {AbortSignal} signal */
async function tags(signal) {
  const { messages } = await api.list({ limit: 200 }, signal);
  return messages.flatMap((m) => m.tags);
}

/**
 * @param {Context} at
 * @param {string} field
 * @returns {Option}
 */
const operator = (at, field) => ({
  ...insert(at, `${field}:`, true),
  label: `${field}:`,
  note: t(/** @type {import("./i18n.js").Key} */ (`search.op.${field}`)),
});

/**
 * @param {Context} at
 * @param {string} field
 * @param {string} value
 * @param {string} note
 * @returns {Option}
 */
function option(at, field, value, note) {
  const term = write({ neg: false, field, exact: at.exact && field === at.field, name: "", value });
  return { ...insert(at, term, false), label: term, note };
}

/**
 * @param {Context} at
 * @param {string} term
 * @param {boolean} more
 */
function insert(at, term, more) {
  const head = at.text.slice(0, at.from) + (at.neg ? "-" : "") + term + (more ? "" : " ");
  const tail = at.text.slice(at.to);
  return { text: head + (more ? tail : tail.trimStart()), caret: head.length, more };
}

/**
 * Where the arrow keys lead in a list of options; -1 is the field itself.
 * Undefined: another key.
 * @param {string} key
 * @param {number} active
 * @param {number} n
 * @param {number} first  -1 where none need be chosen
 */
export function moved(key, active, n, first) {
  const places = n - first;
  if (!n) return undefined;
  if (key === "ArrowDown") return ((active - first + 1) % places) + first;
  if (key === "ArrowUp") return ((active - first + places - 1) % places) + first;
  return undefined;
}
