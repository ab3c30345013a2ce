// The list of messages that is asked for: what is here of it, and what happens
// to it. Of a long list only the segments around what is looked at are kept.

import { batch, computed, effect, signal } from "@preact/signals";
import * as api from "./api.js";
import { on } from "./live.js";
import { route } from "./route.js";
import { paged, segment, Segments } from "./window.js";

/**
 * @typedef {import("./api.js").Summary} Summary
 * @typedef {import("./window.js").Segment} Segment
 */

const pageSize = 100;
const mostPages = 4000; // above it pages get larger
const largestPage = 1000; // what the API allows
const keptSegments = 16;
const settle = 60; // ms, while the scrollbar is dragged
const totalsEvery = 500; // ms
const recountEvery = 1500; // ms
const manyMissed = 200; // above it the list is read again

const json = computed(() => {
  const { box, unseen, q } = route.value;
  return JSON.stringify({ mailbox: box, q: [unseen && "is:unseen", q].filter(Boolean).join(" ") });
});

/**
 * What the list is asked for, as the API has it.
 * @type {import("@preact/signals").ReadonlySignal<{mailbox: string, q: string}>}
 */
export const filter = computed(() => JSON.parse(json.value));

/** For which filter the rows are that are shown; "" before the first. */
export const shown = signal("");
export const loading = signal(true);
export const problem = signal(/** @type {Error | null} */ (null));
/** There is more below than is counted. */
export const open = signal(false);
/** Goes up with each change of rows. */
export const version = signal(0);

/** Of the whole store, as the server counts. */
const counted = signal({ total: 0, unseen: 0, pruned: 0 });

/**
 * Messages that are deleted here and perhaps not yet on the server.
 * @type {Map<number, {m: Summary, sent: boolean}>}
 */
const concealed = new Map();

/** Of the whole store, without what is about to be deleted. */
export const totals = computed(() => {
  void version.value;
  let { total, unseen } = counted.value;
  for (const { m, sent } of concealed.values()) {
    if (sent) continue;
    total--;
    if (!m.seen) unseen--;
  }
  return { total: Math.max(total, 0), unseen: Math.max(unseen, 0), pruned: counted.value.pruned };
});
export const total = computed(() => totals.value.total);
export const unseen = computed(() => totals.value.unseen);
export const pruned = computed(() => totals.value.pruned);

/** Messages in the list, as far as they are counted. */
export const matching = computed(() => (void version.value, rows.total));
/** There is no mail at all. */
export const empty = computed(() => shown.value !== "" && !problem.value && total.value === 0 && !rows.total && !route.value.q);

/** The row that the keyboard is at. */
export const cursor = signal(/** @type {Summary | null} */ (null));

let rows = new Segments();
let current = new AbortController(); // of the list that is loaded
let newest = 0; // all messages of the list up to this seq are counted
let more = 0; // "before" of the next page while pages are not counted
let viewed = 0; // the position in the middle of the view

/** @param {number} position */
export const row = (position) => rows.row(position);
/** @param {number} seq */
export const position = (seq) => rows.position(seq);
/** @param {number} seq */
export const get = (seq) => rows.get(seq);
/** The newest seq that is counted. */
export const upTo = () => newest;

/**
 * Notes of messages what the server is about to say.
 * @param {Summary[]} messages
 * @param {(m: Summary) => Partial<Summary>} what
 */
export function anticipate(messages, what) {
  batch(() => {
    for (const m of messages) note(m.seq, what(m));
    changed();
  });
}

/** All rows that are here. */
export const loaded = () => rows.list.flatMap((s) => s.rows ?? []);

/** @param {string} id */
export function find(id) {
  for (const s of rows.list) {
    const m = s.rows?.find((each) => each.id === id);
    if (m) return m;
  }
  return undefined;
}

function changed() {
  rows.changed();
  version.value++;
}

/* Loading. */

let asked = ""; // the filter that is loaded, as text

/** Loads the list from its beginning, unless that is happening. */
export function reload() {
  if (loading.peek() && asked === json.peek()) return;
  load();
}

/** Reads what is shown again; what is looked at stays where it is. */
export const refresh = () => load();

async function load() {
  current.abort();
  const mine = (current = new AbortController());
  const what = (asked = json.peek());
  const { q, mailbox } = filter.peek();
  const again = shown.peek() === what;
  loading.value = true;
  try {
    const page = await api.list({ q, mailbox, limit: pageSize, after: floor(what) }, mine.signal);
    const pages = again && page.next ? await countPages(mine.signal) : null;
    batch(() => {
      if (!again) rows = new Segments();
      rows = pages ? paged(pages, rows, concealedHere()) : beginning(page);
      for (const s of rows.list) s.stale = s.rows !== null && pages !== null;
      newest = pages ? pages.cursor : page.cursor;
      if (!again) cursor.value = null;
      shown.value = what;
      problem.value = null;
      take(page);
      changed();
    });
    if (page.next && !pages) count(mine);
  } catch (e) {
    if (mine.signal.aborted) return;
    batch(() => {
      problem.value = /** @type {Error} */ (e);
      if (again && !(e instanceof api.Problem)) return; // what is shown may still be read
      rows = new Segments();
      open.value = false;
      shown.value = what;
      changed();
    });
  } finally {
    if (current === mine) {
      loading.value = false;
      apply();
      if (unsure) catchUp();
    }
  }
}

/**
 * The list as far as its first page tells.
 * @param {import("./api.js").List} page
 */
function beginning(page) {
  const here = page.messages.filter(isShown);
  if (!page.next) {
    open.value = false;
    return new Segments([segment(Infinity, 0, here.length, here)]);
  }
  const { q, mailbox } = filter.peek();
  const rest = q || mailbox ? 0 : Math.max(page.total - page.messages.length, 0);
  more = page.next;
  open.value = true;
  return new Segments([segment(Infinity, page.next - 1, here.length, here), segment(page.next - 1, 0, rest)]);
}

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
      const later = rows.between(Infinity, pages.cursor);
      rows = paged(pages, rows, concealedHere());
      for (const m of later) rows.insert(m, pageSize);
      open.value = false;
      changed();
    });
  } catch (e) {
    // Without it the list goes on page by page.
    if (!mine.signal.aborted) retry();
  }
}

/** The seqs that the server counts and that are not shown. */
const concealedHere = () => [...concealed].filter(([, { m, sent }]) => !sent && belongs(m) !== false).map(([seq]) => seq);

/** @param {import("./api.js").List} page */
function take({ total, unseen, pruned }) {
  counted.value = { total, unseen, pruned };
}

/** @param {Summary} m */
function isShown(m) {
  return !concealed.has(m.seq) && !(veil?.what === asked && m.seq <= veil.upTo && !veil.except.has(m.seq));
}

/**
 * Whether a message is in the list; undefined: only the server knows.
 * @param {Summary} m
 */
function belongs(m) {
  const { box, unseen, q } = route.peek();
  if (box && box !== "*") {
    const domain = box.startsWith("*@") ? box.slice(1) : "";
    if (!m.mailboxes.some((name) => (domain ? name.endsWith(domain) : name === box))) return false;
  }
  if (unseen && m.seen) return false;
  return q ? undefined : true;
}

/* What is looked at. */

/** @type {Map<Segment, AbortController>} */
const asking = new Map();
let wanted = { from: 0, to: 0 };
let soon = 0; // a timer

/**
 * Tells which positions are looked at. Their rows come, those far away go.
 * @param {number} from
 * @param {number} to
 */
export function look(from, to) {
  wanted = { from, to };
  viewed = (from + to) >> 1;
  clearTimeout(soon);
  soon = setTimeout(fetchWanted, missing().length ? settle : 0);
}

/** The segments in view that are not here. */
function missing() {
  const found = [];
  for (let i = rows.indexAt(wanted.from); i < rows.list.length && rows.places()[i] < wanted.to; i++) {
    const s = rows.list[i];
    if (s.count && (!s.rows || s.stale)) found.push(s);
  }
  return found;
}

function fetchWanted() {
  if (shown.peek() !== asked) return;
  if (!open.peek()) {
    const need = missing();
    for (const [s, stop] of asking) if (!need.includes(s)) stop.abort();
    for (const s of need) if (!asking.has(s)) fill(s);
  } else if (wanted.to > rows.total - pageSize / 2) nextPage();
  rows.trim(viewed, keptSegments);
}

/** @param {Segment} s */
async function fill(s) {
  const stop = new AbortController();
  const mine = current;
  asking.set(s, stop);
  try {
    const before = s.hi === Infinity ? 0 : s.hi + 1;
    const page = await api.list({ ...filter.peek(), before, after: s.lo, limit: largestPage }, stop.signal);
    if (mine.signal.aborted || !rows.list.includes(s)) return;
    s.rows = page.messages.filter(isShown);
    s.count = s.rows.length;
    s.stale = false;
    if (s.hi === Infinity) newest = Math.max(newest, page.cursor);
    batch(changed);
  } catch {
    if (!stop.signal.aborted) retry();
  } finally {
    asking.delete(s);
  }
}

/** Goes on below while pages are not counted. */
async function nextPage() {
  const rest = rows.list.at(-1);
  if (!more || !rest || asking.has(rest)) return;
  const mine = current;
  asking.set(rest, mine);
  try {
    const page = await api.list({ ...filter.peek(), before: more, limit: pageSize }, mine.signal);
    if (rows.list.at(-1) !== rest || !open.peek()) return;
    const here = page.messages.filter(isShown);
    const lo = page.next ? page.next - 1 : 0;
    more = page.next;
    batch(() => {
      rows.list.splice(-1, 1, segment(rest.hi, lo, here.length, here));
      if (page.next) rows.list.push(segment(lo, 0, Math.max(rest.count - here.length, 0)));
      else open.value = false;
      changed();
    });
  } catch {
    if (!mine.signal.aborted) retry();
  } finally {
    asking.delete(rest);
  }
}

const retryAfter = 2000; // ms
let retrying = 0;

function retry() {
  clearTimeout(retrying);
  retrying = setTimeout(() => {
    if (open.peek()) count(current);
    fetchWanted();
  }, retryAfter);
}

/**
 * The rows between two positions; those that are not here are fetched.
 * @param {number} from
 * @param {number} to inclusive
 */
export async function between(from, to) {
  const [first, last] = [rows.indexAt(from), rows.indexAt(to)];
  await Promise.all(rows.list.slice(first, last + 1).map((s) => (s.rows ? undefined : fill(s))));
  const found = [];
  for (let i = from; i <= to; i++) {
    const m = rows.row(i);
    if (m) found.push(m);
  }
  return found;
}

/* What happens. Events are collected and shown once per frame: a thousand
   messages in a second are not a thousand renderings. */

/** @type {(() => void)[]} */
let waiting = [];
let drawing = false;
let counting = 0; // timers
let recounting = 0;

/** @param {() => void} happens */
function later(happens) {
  waiting.push(happens);
  countSoon();
  if (drawing) return;
  drawing = true;
  // A hidden page has no frames.
  if (document.hidden) setTimeout(apply, 100);
  else requestAnimationFrame(apply);
}

function apply() {
  drawing = false;
  if (loading.peek()) return; // it is for the list that comes
  const all = waiting;
  waiting = [];
  if (!all.length) return;
  batch(() => {
    for (const happens of all) happens();
    changed();
  });
}

function countSoon() {
  counting ||= setTimeout(() => {
    counting = 0;
    catchUp();
  }, totalsEvery);
}

function recountSoon() {
  recounting ||= setTimeout(() => {
    recounting = 0;
    load();
  }, recountEvery);
}

/** @param {Summary} m */
function arrive(m) {
  if (m.seq <= newest || belongs(m) === undefined) return; // for a query: see catchUp
  newest = m.seq;
  if (belongs(m)) rows.insert(m, pageSize);
}

/** @param {{seq: number, mailboxes: string[]}} e */
function leave({ seq, mailboxes }) {
  const { box, unseen, q } = route.peek();
  if (mailboxes.length) {
    const m = rows.get(seq);
    if (!m) return;
    const left = m.mailboxes.filter((name) => !mailboxes.includes(name));
    if (belongs({ ...m, mailboxes: left }) !== false) rows.note(seq, { mailboxes: left });
    else rows.take(seq, true);
    return;
  }
  if (concealed.delete(seq)) return;
  const known = !box && !unseen && !q;
  if (!rows.take(seq, known) && !known && rows.list.some((s) => !s.rows)) recountSoon();
}

/**
 * @param {number} seq
 * @param {Partial<Summary>} change
 */
function note(seq, change) {
  const m = rows.note(seq, change);
  if (m && cursor.peek()?.seq === seq) cursor.value = m;
  const hidden = concealed.get(seq);
  if (hidden) hidden.m = { ...hidden.m, ...change };
}

on("stored", (m) => later(() => arrive(m)));
on("deleted", (e) => later(() => leave(e)));
on("pruned", (e) => later(() => leave(e)));
on("seen", (e) => later(() => note(e.seq, { seen: e.seen })));
on("tagged", (e) => later(() => note(e.seq, { tags: e.tags })));
on("resync", () => {
  waiting = [];
  load();
});
on("connected", () => {
  if (problem.peek()) load();
  else catchUp();
});

let unsure = false;
let doubts = 0; // how often the count was not the server's

/** Adds what came since the list was loaded, and counts. For a query only the server knows what matches. */
async function catchUp() {
  unsure = loading.peek(); // what is being read may be of a moment before
  if (unsure || problem.peek()) return;
  const mine = current;
  const { q, mailbox } = filter.peek();
  try {
    const page = await api.list({ q, mailbox, after: newest, order: "oldest", limit: manyMissed }, mine.signal);
    if (mine.signal.aborted) return;
    if (page.next) {
      load();
      return;
    }
    apply();
    batch(() => {
      for (const m of page.messages) if (m.seq > newest && isShown(m)) rows.insert(m, pageSize);
      newest = Math.max(newest, page.cursor, page.messages.at(-1)?.seq ?? 0);
      take(page);
      changed();
    });
    const right = q || mailbox || veil || open.peek() || totals.peek().total === rows.total;
    doubts = right ? 0 : doubts + 1;
    if (doubts === 1) countSoon();
    else if (doubts > 1) recountSoon();
  } catch {
    // The stream of events tells when the server is back.
  }
}

/* What is deleted here goes at once; the server is told later (undo.js). */

/** @type {{what: string, upTo: number, except: Set<number>} | null} */
let veil = null; // over all of a list up to a seq

/**
 * While a list is behind the veil only what came since is asked for.
 * @param {string} what
 */
const floor = (what) => (veil?.what === what && !veil.except.size ? veil.upTo : 0);

/** @param {Summary[]} messages */
export function conceal(messages) {
  batch(() => {
    for (const m of messages) {
      concealed.set(m.seq, { m: rows.get(m.seq) ?? m, sent: false });
      rows.take(m.seq, true);
    }
    changed();
  });
}

/**
 * Those that nobody else has deleted meanwhile.
 * @param {Summary[]} messages
 */
export const stillConcealed = (messages) => messages.filter((m) => concealed.has(m.seq));

/**
 * Shows again what was concealed.
 * @param {Summary[]} messages
 */
export function reveal(messages) {
  batch(() => {
    for (const { seq } of messages) {
      const back = concealed.get(seq)?.m;
      if (!concealed.delete(seq) || !back) continue; // somebody else deleted it
      const is = belongs(back);
      if (is) rows.insert(back, pageSize);
      else if (is === undefined) recountSoon();
    }
    changed();
  });
}

/**
 * The server has deleted them. They are concealed until it says so: an answer
 * that has them may be on its way.
 * @param {Summary[]} messages
 */
export function gone(messages) {
  for (const { seq } of messages) {
    const entry = concealed.get(seq);
    if (entry) entry.sent = true;
  }
  version.value++;
}

/**
 * Conceals the whole list up to a seq.
 * @param {number} seq
 * @param {Set<number>} except
 * @returns {() => void} ends it: the list is what the server says
 */
export function concealAll(seq, except) {
  const mine = (veil = { what: shown.peek(), upTo: seq, except });
  const left = loaded().filter(isShown);
  batch(() => {
    rows = new Segments([segment(Infinity, 0, left.length, left)]);
    open.value = false;
    changed();
  });
  return () => {
    if (veil !== mine) return;
    veil = null;
    load();
  };
}

// The list follows the address.
effect(() => {
  void json.value;
  load();
});
