// Reads a search as the server does (mailstore/query.go), but does not stop at
// a mistake: while one types, most queries are unfinished.

/**
 * A place in the text is counted in UTF-16 units, as the browser counts.
 *
 * @typedef {object} Term
 * @property {number} start
 * @property {number} end
 * @property {boolean} neg
 * @property {string} field  lower-case; "" is a bare word
 * @property {boolean} exact
 * @property {string} name  of header:
 * @property {string} value  without quotes
 * @property {number} valueAt
 * @property {boolean} quoted
 *
 * @typedef {"field" | "exact" | "header" | "headerColon" | "headerValue" | "headerExact" | "quotes" | "space" | "word" | "empty" | "value" | "has" | "is" | "size" | "time"} Fault
 * @typedef {{at: number, fault: Fault, what: string}} Mistake
 */

/** The names before a colon, the ones most asked for first. */
export const fields = ["from", "to", "subject", "body", "is", "has", "after", "before", "rcpt", "mailbox", "tag", "cc", "larger", "smaller", "header", "user", "helo", "id"];
const inexact = ["has", "is", "before", "after", "larger", "smaller"];

// White_Space, which is not quite what \s is.
const space = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const blank = new RegExp(`^${space.source}*$`);
const toSpace = new RegExp(`(?:(?!${space.source}).)*`, "suy");

/**
 * The terms of a query, and the first mistake in it. A term with a mistake is
 * among them as far as it could be read.
 * @param {string} text
 * @returns {{terms: Term[], mistake: Mistake | null}}
 */
export function parse(text) {
  /** @type {Term[]} */
  const terms = [];
  /** @type {Mistake | null} */
  let first = null;
  for (let at = 0; ; ) {
    while (at < text.length && space.test(text[at])) at++;
    if (at === text.length) return { terms, mistake: first };
    const { term, mistake } = readTerm(text, at);
    terms.push(term);
    first ??= mistake;
    at = term.end;
  }
}

/**
 * @param {string} text
 * @param {number} start
 * @returns {{term: Term, mistake: Mistake | null}}
 */
function readTerm(text, start) {
  /** @type {Term} */
  const term = { start, end: start, neg: text[start] === "-", field: "", exact: false, name: "", value: "", valueAt: start, quoted: false };
  let at = start + (term.neg ? 1 : 0);
  // A colon in a word that is not a field's (12:30, http://x) is part of the word.
  const named = /^(\p{L}+):(?!\/\/)/u.exec(text.slice(at));
  /** @type {Mistake | null} */
  let mistake = null;
  const fail = (/** @type {number} */ where, /** @type {Fault} */ fault, what = term.field) => {
    mistake ??= { at: where, fault, what };
  };
  if (named) {
    term.field = named[1].toLowerCase();
    if (!fields.includes(term.field)) fail(at, "field");
    at += named[0].length;
  }
  if (term.field === "header") at = readHeader(text, at, term, fail);
  else if (term.field && text[at] === "=") {
    if (inexact.includes(term.field)) fail(at, "exact");
    term.exact = true;
    at++;
  }
  term.valueAt = at;
  readValue(text, term, fail);
  const empty = blank.test(term.value);
  if (empty && !term.field) fail(start, term.quoted ? "empty" : "word");
  if (empty && term.field && term.field !== "header" && !term.exact) fail(at, "value");
  const wrong = checks[term.field]?.(term.value);
  if (wrong) fail(at, wrong, term.value);
  return { term, mistake };
}

/** @typedef {(at: number, fault: Fault, what?: string) => void} Fail */

/**
 * What stands before the value of header:Name=value.
 * @param {string} text
 * @param {number} at
 * @param {Term} term
 * @param {Fail} fail
 */
function readHeader(text, at, term, fail) {
  if (text[at] === "=") {
    term.exact = true;
    at++;
  }
  let end = at;
  while (end < text.length && text[end] !== "=" && text[end] !== '"' && !space.test(text[end])) end++;
  term.name = text.slice(at, end);
  const colon = term.name.indexOf(":");
  if (!term.name || colon === 0) fail(at, "header");
  else if (colon > 0) fail(at + colon, "headerColon", term.name.slice(0, colon));
  if (text[end] === "=") {
    end++;
    if (!term.exact && (end === text.length || /[\t-\r ]/.test(text[end]))) fail(end, "headerValue", term.name);
  } else if (term.exact) fail(end, "headerExact", term.name);
  return end;
}

/**
 * A word, or text in quotes, in which \" and \\ stand for themselves.
 * @param {string} text
 * @param {Term} term
 * @param {Fail} fail
 */
function readValue(text, term, fail) {
  const at = term.valueAt;
  if (text[at] !== '"') {
    toSpace.lastIndex = at;
    term.value = toSpace.exec(text)?.[0] ?? "";
    term.end = at + term.value.length;
    return;
  }
  term.quoted = true;
  const [whole, inner, close] = /** @type {string[]} */ (/^"((?:\\["\\]|[^"])*)("?)/s.exec(text.slice(at)));
  term.value = inner.replace(/\\(["\\])/g, "$1");
  term.end = at + whole.length;
  if (!close) fail(at, "quotes");
  else if (term.end < text.length && !space.test(text[term.end])) fail(term.end, "space");
}

/** @type {Record<string, (value: string) => Fault | "">} */
const checks = {
  has: (v) => (/^attachments?$/i.test(v) ? "" : "has"),
  is: (v) => (/^(un)?seen$/i.test(v) ? "" : "is"),
  larger: (v) => (isSize(v) ? "" : "size"),
  smaller: (v) => (isSize(v) ? "" : "size"),
  before: (v) => (isTime(v) ? "" : "time"),
  after: (v) => (isTime(v) ? "" : "time"),
};

/** @param {string} v */
function isSize(v) {
  const [, number, unit] = /^(.*?)([kmg](?:i?b)?|b|)$/i.exec(v) ?? [];
  if (number === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(number)) return false;
  const power = "bkmg".indexOf(unit[0]?.toLowerCase() || "b");
  const octets = Number(number) * (/^.b$/i.test(unit) ? 1000 : 1024) ** power;
  return octets >= 0 && octets <= 2 ** 60;
}

const moment = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)?)?)?$/;
/** @type {Record<string, number>} */
const nanoseconds = { ns: 1, us: 1e3, "µs": 1e3, "μs": 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };

/** @param {string} v */
function isTime(v) {
  const parts = moment.exec(v.toUpperCase());
  if (parts) {
    const [year, month, day, hour = 0, minute = 0, second = 0] = parts.slice(1).map((n) => Number(n ?? 0));
    const inMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
    return month >= 1 && month <= 12 && day >= 1 && day <= inMonth && hour < 24 && minute < 60 && second < 60;
  }
  const days = /^(\d+)d$/i.exec(v);
  if (days) return Number(days[1]) > 0 && Number(days[1]) < 1 << 16;
  if (!/^\+?((\d+\.?\d*|\.\d+)(ns|[uµμ]s|ms|s|m|h))+$/i.test(v)) return false;
  let sum = 0;
  for (const [, n, unit] of v.matchAll(/([\d.]+)([a-zµμ]+)/gi)) sum += Math.floor(Number(n) * nanoseconds[unit.toLowerCase()]);
  return sum > 0 && sum < 2 ** 63;
}

/**
 * A term as text.
 * @param {Pick<Term, "neg" | "field" | "exact" | "name" | "value"> & {quoted?: boolean}} t
 */
export function write(t) {
  const head = (t.neg ? "-" : "") + (t.field && `${t.field}:${t.exact ? "=" : ""}${t.name}`);
  if (t.field === "header") return head + (t.value || t.exact ? `=${quote(t.value)}` : "");
  return head + (t.quoted && !t.field ? inQuotes(t.value) : quote(t.value, !t.field));
}

/**
 * A value as it can stand after a field, or, bare, alone.
 * @param {string} value
 */
function quote(value, bare = false) {
  const safe = value !== "" && !space.test(value) && value[0] !== '"' && !(bare && /^-|^\p{L}+:/u.test(value));
  return safe ? value : inQuotes(value);
}

/** @param {string} value */
const inQuotes = (value) => `"${value.replace(/["\\]/g, "\\$&")}"`;

/**
 * The query without one of its terms, or with another text in its place.
 * @param {string} text
 * @param {Term} term
 */
export function replaceTerm(text, term, by = "") {
  const before = text.slice(0, term.start).trimEnd();
  const after = text.slice(term.end).trimStart();
  return [before, by, after].filter(Boolean).join(" ");
}
