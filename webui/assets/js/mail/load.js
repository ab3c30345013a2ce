// Reads the list: its first page at once, then where all the others begin.

import { batch } from "@preact/signals";
import * as api from "../api.js";
import { since } from "../live.js";
import { paged, segment, Segments } from "../window.js";
import { belongs, changed, concealed, counted, cursor, filter, here, isShown, json, loading, mistake, open, problem, shown } from "./here.js";

export const pageSize = 100;
const mostPages = 4000; // above it pages get larger
export const largestPage = 1000; // what the API allows
const recountEvery = 1500; // ms
export const retryAfter = 2000; // ms

/** Reads the list; if it is the one that is shown, what is looked at stays where it is. */
export async function load() {
  here.current.abort();
  const mine = (here.current = new AbortController());
  const what = (here.asked = json.peek());
  const { q, mailbox } = filter.peek();
  const again = shown.peek() === what;
  if (mistake.peek()) {
    batch(() => {
      problem.value = null;
      clear(what);
      loading.value = false;
    });
    tally();
    return;
  }
  loading.value = true;
  try {
    const page = await api.list({ q, mailbox, limit: pageSize, after: floor(what) }, mine.signal);
    const pages = again && page.next ? await countPages(mine.signal) : null;
    batch(() => {
      if (!again) here.rows = new Segments();
      here.rows = pages ? paged(pages, here.rows, concealedHere()) : beginning(page);
      for (const s of here.rows.list) s.stale = s.rows !== null && pages !== null;
      here.newest = pages ? pages.cursor : page.cursor;
      if (!again) cursor.value = null;
      shown.value = what;
      problem.value = null;
      take(page);
      changed();
    });
    if (page.next && !pages) count(mine);
    since(page.revision);
  } catch (e) {
    if (mine.signal.aborted) return;
    batch(() => {
      problem.value = /** @type {Error} */ (e);
      if (again && !(e instanceof api.Problem)) return; // what is shown may still be read
      clear(what);
    });
    since(0);
  } finally {
    if (here.current === mine) loading.value = false;
  }
}

/** There is nothing to show. @param {string} what was asked for */
function clear(what) {
  here.rows = new Segments();
  open.value = false;
  shown.value = what;
  changed();
}

/** Counts the whole store, when the list cannot be asked for. */
export async function tally() {
  const mine = here.current;
  try {
    const page = await api.list({ limit: 1 }, mine.signal);
    take(page);
    since(page.revision);
  } catch {
    since(0); // the stream of events tells when the server is back
  }
}

/**
 * The list as far as its first page tells.
 * @param {import("../api.js").List} page
 */
function beginning(page) {
  const found = page.messages.filter(isShown);
  if (!page.next) {
    open.value = false;
    return new Segments([segment(Infinity, 0, found.length, found)]);
  }
  const { q, mailbox } = filter.peek();
  const rest = q || mailbox ? 0 : Math.max(page.total - page.messages.length, 0);
  here.more = page.next;
  open.value = true;
  return new Segments([segment(Infinity, page.next - 1, found.length, found), segment(page.next - 1, 0, rest)]);
}

/**
 * While a list is behind the veil only what came since is asked for.
 * @param {string} what
 */
const floor = (what) => (here.veil?.what === what && !here.veil.except.size ? here.veil.upTo : 0);

/** @param {AbortSignal} signal */
async function countPages(signal) {
  const { q, mailbox } = filter.peek();
  const size = Math.min(Math.max(Math.ceil(counted.peek().total / mostPages), pageSize), largestPage);
  return api.pages({ q, mailbox, size }, signal);
}

/** @param {AbortController} mine */
async function count(mine) {
  try {
    const pages = await countPages(mine.signal);
    if (mine.signal.aborted) return;
    batch(() => {
      const later = here.rows.between(Infinity, pages.cursor);
      here.rows = paged(pages, here.rows, concealedHere());
      for (const m of later) here.rows.insert(m, pageSize);
      open.value = false;
      changed();
    });
  } catch {
    // Without it the list goes on page by page.
    if (!mine.signal.aborted) setTimeout(() => open.peek() && !mine.signal.aborted && count(mine), retryAfter);
  }
}

/** The seqs that the server counts and that are not shown. */
const concealedHere = () => [...concealed].filter(([, { m, sent }]) => !sent && belongs(m) !== false).map(([seq]) => seq);

/** @param {import("../api.js").List} page */
export function take({ total, unseen, pruned }) {
  counted.value = { total, unseen, pruned };
}

let recounting = 0; // a timer

/** Reads what is shown again, in a moment. */
export function loadSoon() {
  recounting ||= setTimeout(() => {
    recounting = 0;
    load();
  }, recountEvery);
}
