// What is looked at of the list: its rows come, those far away go.

import { batch } from "@preact/signals";
import * as api from "../api.js";
import { segment } from "../window.js";
import { changed, filter, here, isShown, open, shown } from "./here.js";
import { largestPage, pageSize, retryAfter } from "./load.js";

/** @typedef {import("../window.js").Segment} Segment */

const keptSegments = 16;
const settle = 60; // ms, while the scrollbar is dragged

/** @type {Map<Segment, AbortController>} */
const asking = new Map();
let wanted = { from: 0, to: 0 };
let viewed = 0; // the position in the middle of it
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
  for (let i = here.rows.indexAt(wanted.from); i < here.rows.list.length && here.rows.places()[i] < wanted.to; i++) {
    const s = here.rows.list[i];
    if (s.count && (!s.rows || s.stale)) found.push(s);
  }
  return found;
}

function fetchWanted() {
  if (shown.peek() !== here.asked) return;
  if (!open.peek()) {
    const need = missing();
    for (const [s, stop] of asking) if (!need.includes(s)) stop.abort();
    for (const s of need) if (!asking.has(s)) fill(s);
  } else if (wanted.to > here.rows.total - pageSize / 2) nextPage();
  here.rows.trim(viewed, keptSegments);
}

/**
 * What the server has of a segment.
 * @param {Segment} s
 * @param {AbortSignal} signal
 */
async function read(s, signal) {
  const before = s.hi === Infinity ? 0 : s.hi + 1;
  const page = await api.list({ ...filter.peek(), before, after: s.lo, limit: largestPage }, signal);
  return { rows: page.messages.filter(isShown), cursor: page.cursor };
}

/**
 * Puts what the server has into a segment, unless another list is here now.
 * @param {Segment} s
 * @param {AbortSignal} signal
 */
async function fetchRows(s, signal) {
  const mine = here.current;
  const { rows, cursor } = await read(s, signal);
  if (mine.signal.aborted || !here.rows.list.includes(s)) return;
  s.rows = rows;
  s.count = rows.length;
  s.stale = false;
  if (s.hi === Infinity) here.newest = Math.max(here.newest, cursor);
  batch(changed);
}

/** @param {Segment} s */
async function fill(s) {
  const stop = new AbortController();
  asking.set(s, stop);
  try {
    await fetchRows(s, stop.signal);
  } catch {
    if (!stop.signal.aborted) retry();
  } finally {
    asking.delete(s);
  }
}

/** Goes on below while pages are not counted. */
async function nextPage() {
  const rest = here.rows.list.at(-1);
  if (!here.more || !rest || asking.has(rest)) return;
  const mine = here.current;
  asking.set(rest, mine);
  try {
    const page = await api.list({ ...filter.peek(), before: here.more, limit: pageSize }, mine.signal);
    if (here.rows.list.at(-1) !== rest || !open.peek()) return;
    const found = page.messages.filter(isShown);
    const lo = page.next ? page.next - 1 : 0;
    here.more = page.next;
    batch(() => {
      here.rows.list.splice(-1, 1, segment(rest.hi, lo, found.length, found));
      if (page.next) here.rows.list.push(segment(lo, 0, Math.max(rest.count - found.length, 0)));
      else open.value = false;
      changed();
    });
  } catch {
    if (!mine.signal.aborted) retry();
  } finally {
    asking.delete(rest);
  }
}

let retrying = 0; // a timer

function retry() {
  clearTimeout(retrying);
  retrying = setTimeout(fetchWanted, retryAfter);
}

/**
 * The row at a position, which need not be looked at; undefined: there is none.
 * @param {number} position
 */
export async function bring(position) {
  const s = here.rows.list[here.rows.indexAt(position)];
  try {
    if (s && !s.rows) await fetchRows(s, here.current.signal);
  } catch {
    // The stream of events tells when the server is back.
  }
  return here.rows.row(position);
}

/**
 * The rows between two positions. Those that are not here are fetched, but not
 * kept: it may be far more than is looked at.
 * @param {number} from
 * @param {number} to inclusive
 */
export async function between(from, to) {
  const [first, last] = [here.rows.indexAt(from), here.rows.indexAt(to)];
  const { signal } = here.current;
  const skipped = from - here.rows.places()[first];
  try {
    const parts = await Promise.all(here.rows.list.slice(first, last + 1).map(async (s) => s.rows ?? (await read(s, signal)).rows));
    return parts.flat().slice(skipped, skipped + to - from + 1);
  } catch {
    return []; // the stream of events tells when the server is back
  }
}
