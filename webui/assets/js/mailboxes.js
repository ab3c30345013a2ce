// The mailboxes: what is loaded of them, kept true by the server's events.

import { batch, signal } from "@preact/signals";
import * as api from "./api.js";
import * as live from "./live.js";

/** @typedef {import("./api.js").Mailbox} Mailbox */

const pageSize = 100;
const largestPage = 1000; // the API's
const settle = 250; // ms after an event before counts are read again
const rest = 4; // times as long as reading took, before it is done again
const countedFailures = 100;

/** By name, as far as they are loaded. */
export const mailboxes = signal(/** @type {Mailbox[]} */ ([]));
/** Give it as after for those that follow; "" at the end. */
export const next = signal("");
export const loaded = signal(false);
/** Only those that begin so. */
export const prefix = signal("");
/** There are more than a glance takes in, filtered or not. */
export const many = signal(false);
/** Sessions that failed; at countedFailures there may be more. */
export const failures = signal(0);
export const moreFailures = (/** @type {number} */ n) => n >= countedFailures;

const glance = 12;

let current = new AbortController(); // of what is being read

/** Reads again what is loaded of the mailboxes, from the beginning. */
async function reload() {
  current.abort();
  const { signal: stop } = (current = new AbortController());
  const wanted = Math.max(mailboxes.peek().length, pageSize);
  /** @type {Mailbox[]} */
  const all = [];
  let after = "";
  do {
    const limit = Math.min(wanted - all.length, largestPage);
    const page = await api.mailboxes({ after, prefix: prefix.peek(), limit }, stop);
    all.push(...page.mailboxes);
    after = page.next;
  } while (after && all.length < wanted);
  batch(() => {
    mailboxes.value = all;
    next.value = after;
    loaded.value = true;
    if (!prefix.peek()) many.value = all.length > glance;
  });
}

/** Loads the mailboxes that follow. */
export async function more() {
  if (!next.peek()) return;
  const stop = current.signal;
  // The more somebody wants, the more they get at once.
  const limit = Math.min(Math.max(pageSize, mailboxes.peek().length * 2), largestPage);
  const page = await api.mailboxes({ after: next.peek(), prefix: prefix.peek(), limit }, stop);
  if (stop.aborted) return;
  batch(() => {
    mailboxes.value = [...mailboxes.peek(), ...page.mailboxes];
    next.value = page.next;
  });
}

/** @param {string} text */
export function filter(text) {
  prefix.value = text;
  mailboxes.value = mailboxes.peek().slice(0, pageSize);
  refresh();
}

let soon = 0; // a timer
let reading = false;
let again = false;

/** Reads the counts once things have settled, and not all the time. */
export function refresh(wait = 0) {
  if (reading) again = true;
  else soon ||= setTimeout(read, wait);
}

async function read() {
  soon = 0;
  again = false;
  reading = true;
  const began = performance.now();
  try {
    await reload();
  } catch {
    // "connected" comes when the server is back. A newer filter aborts, too.
  }
  reading = false;
  if (again) refresh(settle + rest * (performance.now() - began));
}

const countFailures = () =>
  api.failedSessions(countedFailures).then(
    (n) => (failures.value = n),
    () => {}, // see above
  );

/** Begins to follow the server's events. */
export function start() {
  for (const type of /** @type {const} */ (["stored", "deleted", "pruned", "seen"])) live.on(type, () => refresh(settle));
  live.on("session", (s) => {
    if (s.failed) failures.value = Math.min(failures.peek() + 1, countedFailures);
  });
  for (const type of /** @type {const} */ (["connected", "resync"]))
    live.on(type, () => {
      refresh();
      countFailures();
    });
  refresh();
  countFailures();
}
