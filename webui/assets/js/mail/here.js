// What is here of the list: of a long one only the segments around what is
// looked at are kept.

import { batch, computed, signal } from "@preact/signals";
import { parse } from "../query.js";
import { route } from "../route.js";
import { Segments } from "../window.js";

/** @typedef {import("../api.js").Summary} Summary */

/** The same for the same list. */
export const json = computed(() => {
  const { box, unseen, q } = route.value;
  return JSON.stringify({ mailbox: box, q: [unseen && "is:unseen", q].filter(Boolean).join(" ") });
});

/**
 * What the list is asked for, as the API has it.
 * @type {import("@preact/signals").ReadonlySignal<{mailbox: string, q: string}>}
 */
export const filter = computed(() => JSON.parse(json.value));

/** What is wrong with the search: the server is not asked for it. */
export const mistake = computed(() => parse(route.value.q).mistake);

/** For which filter the rows are that are shown; "" before the first. */
export const shown = signal("");
export const loading = signal(true);
export const problem = signal(/** @type {Error | null} */ (null));
/** There is more below than is counted. */
export const open = signal(false);
/** Goes up with each change of rows. */
export const version = signal(0);

/** Of the whole store, as the server counts. */
export const counted = signal({ total: 0, unseen: 0, pruned: 0 });

/**
 * Messages that are deleted here and perhaps not yet on the server.
 * @type {Map<number, {m: Summary, sent: boolean}>}
 */
export const concealed = new Map();

export const here = {
  rows: new Segments(),
  /** The filter that is loaded, as text. */
  asked: "",
  /** Ends what is asked about the list that is loaded. */
  current: new AbortController(),
  /** All messages of the list up to this seq are counted. */
  newest: 0,
  /** "before" of the next page, while pages are not counted. */
  more: 0,
  /**
   * Over all of a list up to a seq: deleted, though the server may not know.
   * @type {{what: string, upTo: number, except: Set<number>} | null}
   */
  veil: null,
};

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
export const pruned = computed(() => totals.value.pruned);

/** Messages in the list, as far as they are counted. */
export const matching = computed(() => (void version.value, here.rows.total));
/** There is no mail at all. */
export const empty = computed(() => shown.value !== "" && !problem.value && totals.value.total === 0 && !here.rows.total && !route.value.q);

/** The row that the keyboard is at. */
export const cursor = signal(/** @type {Summary | null} */ (null));

/** @param {number} position */
export const row = (position) => here.rows.row(position);
/** @param {number} seq */
export const position = (seq) => here.rows.position(seq);
/** @param {number} seq */
export const get = (seq) => here.rows.get(seq);
/** The newest seq that is counted. */
export const upTo = () => here.newest;

/** All rows that are here. */
export const loaded = () => here.rows.list.flatMap((s) => s.rows ?? []);

/** @param {string} id */
export function find(id) {
  for (const s of here.rows.list) {
    const m = s.rows?.find((each) => each.id === id);
    if (m) return m;
  }
  return undefined;
}

/** Rows have changed: what shows them does it anew. */
export function changed() {
  here.rows.changed();
  version.value++;
}

/** @param {Summary} m */
export function isShown(m) {
  return !concealed.has(m.seq) && !(here.veil?.what === here.asked && m.seq <= here.veil.upTo && !here.veil.except.has(m.seq));
}

/**
 * Whether a message is in the list; undefined: only the server knows.
 * @param {Summary} m
 */
export function belongs(m) {
  const { box, unseen, q } = route.peek();
  if (box && box !== "*") {
    const domain = box.startsWith("*@") ? box.slice(1) : "";
    if (!m.mailboxes.some((name) => (domain ? name.endsWith(domain) : name === box))) return false;
  }
  if (unseen && m.seen) return false;
  return q ? undefined : true;
}

/**
 * Replaces what is known of a message.
 * @param {number} seq
 * @param {Partial<Summary>} change
 */
export function note(seq, change) {
  const m = here.rows.note(seq, change);
  if (m && cursor.peek()?.seq === seq) cursor.value = m;
  const hidden = concealed.get(seq);
  if (hidden) hidden.m = { ...hidden.m, ...change };
}

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
