// The list of messages: what is loaded of it, and what happens to it.

import { batch, computed, signal } from "@preact/signals";
import * as api from "./api.js";
import { route } from "./route.js";

/** @typedef {import("./api.js").Summary} Summary */

const pageSize = 50;
// A list that only grows at the top is cut to this many rows; the rest is
// loaded again when somebody scrolls there.
const keptRows = 1000;

/** Newest first. */
export const items = signal(/** @type {Summary[]} */ ([]));
export const loading = signal(true);
export const problem = signal(/** @type {Error | null} */ (null));
/** Give it as "before" for the next page; 0 at the end. */
export const next = signal(0);
export const totals = signal({ total: 0, unseen: 0, pruned: 0 });
/** The row that the keyboard is at. */
export const cursor = signal("");

/** There is no mail at all. */
export const empty = computed(() => !items.value.length && !loading.value && !problem.value && !route.value.q);

let current = new AbortController(); // of the list that is shown
let newest = 0; // the highest seq that was asked about
let loaded = Promise.resolve(); // when the beginning of the list is there

/** Loads the list for the query from its beginning. */
export function reload() {
  loaded = load();
  return loaded;
}

async function load() {
  current.abort();
  const mine = (current = new AbortController());
  loading.value = true;
  try {
    const page = await api.list({ q: route.peek().q, limit: pageSize }, mine.signal);
    batch(() => {
      items.value = page.messages;
      next.value = page.next;
      problem.value = null;
      take(page);
    });
    newest = Math.max(newest, page.cursor);
  } catch (e) {
    if (mine.signal.aborted) return;
    batch(() => {
      problem.value = /** @type {Error} */ (e);
      if (e instanceof api.Problem) items.value = [];
      next.value = 0;
    });
  } finally {
    if (current === mine) loading.value = false;
  }
}

/** Loads the next page at the end of the list. */
export async function more() {
  const mine = current;
  if (loading.peek() || !next.peek()) return;
  loading.value = true;
  try {
    const page = await api.list({ q: route.peek().q, limit: pageSize, before: next.peek() }, mine.signal);
    batch(() => {
      items.value = [...items.peek(), ...page.messages];
      next.value = page.next;
      take(page);
    });
  } catch (e) {
    if (!mine.signal.aborted) problem.value = /** @type {Error} */ (e);
  } finally {
    if (current === mine) loading.value = false;
  }
}

/** @param {import("./api.js").List} page */
function take(page) {
  totals.value = { total: page.total, unseen: page.unseen, pruned: page.pruned };
}

/**
 * Puts new messages on top.
 * @param {Summary[]} arrived
 */
export function add(arrived) {
  const known = new Set(items.peek().map((m) => m.seq));
  const fresh = arrived.filter((m) => !known.has(m.seq));
  if (!fresh.length) return;
  const all = [...fresh, ...items.peek()].sort((a, b) => b.seq - a.seq);
  if (all.length > keptRows && atTop) {
    all.length = keptRows;
    next.value = all[keptRows - 1].seq;
  }
  items.value = all;
}

let atTop = true;

/** @param {boolean} top whether the beginning of the list is in view */
export function viewing(top) {
  atTop = top;
}

/**
 * Loads what came since the list was loaded, and the totals. For a query only
 * the server knows what matches.
 */
export async function catchUp() {
  await loaded;
  if (problem.peek() instanceof api.Problem) return; // a query that cannot be read
  const mine = current;
  try {
    const page = await api.list({ q: route.peek().q, after: newest, order: "oldest", limit: 200 }, mine.signal);
    if (page.next) {
      await reload(); // too much to add one by one
      return;
    }
    newest = Math.max(newest, page.cursor);
    batch(() => {
      add(page.messages);
      take(page);
    });
  } catch {
    // The stream of events tells when the server is back.
  }
}

/** @param {Summary[]} arrived all that arrived since the last call, of any query */
export function arrive(arrived) {
  add(arrived);
  for (const m of arrived) newest = Math.max(newest, m.seq);
}

/**
 * @param {string} id
 * @param {Partial<Summary>} change
 */
export function note(id, change) {
  const at = items.peek().findIndex((m) => m.id === id);
  if (at < 0) return;
  const all = [...items.peek()];
  all[at] = { ...all[at], ...change };
  items.value = all;
}

/** @param {Set<string>} ids */
export function drop(ids) {
  const left = items.peek().filter((m) => !ids.has(m.id));
  if (left.length !== items.peek().length) items.value = left;
}

/** @param {string} id */
export async function markSeen(id, seen = true) {
  await api.change(id, { seen });
}

/**
 * Deletes a message and gives the one to show next: the one below, else above.
 * @param {string} id
 */
export async function remove(id) {
  const all = items.peek();
  const at = all.findIndex((m) => m.id === id);
  const neighbour = at < 0 ? undefined : all[at + 1] ?? all[at - 1];
  try {
    await api.remove(id);
  } catch (e) {
    if (!(e instanceof api.Problem && e.status === 404)) throw e;
  }
  drop(new Set([id]));
  return neighbour?.id ?? "";
}
