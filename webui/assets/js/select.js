// Which messages are selected: some, or all of the list but some.

import { batch, computed, effect, signal } from "@preact/signals";
import * as mail from "./mail.js";

/** @typedef {import("./api.js").Summary} Summary */

export const mostInRange = 5000;
const mostExceptions = 100; // what a query has room for

/** @type {import("@preact/signals").Signal<ReadonlyMap<number, Summary>>} */
const some = signal(new Map());
/** All that the list had up to a seq, but for these. */
const all = signal(/** @type {{upTo: number, except: ReadonlyMap<number, Summary>} | null} */ (null));

let anchor = 0; // seq where a range begins

/** How many are selected. */
export const selected = computed(() => {
  if (!all.value) return some.value.size;
  void mail.version.value;
  return Math.max(mail.position(0) - mail.position(all.value.upTo) - all.value.except.size, 0);
});

/** Every message of the list is. */
export const isAll = computed(() => selected.value > 0 && selected.value === mail.matching.value);

/** @param {Summary} m */
export function isSelected(m) {
  return all.value ? m.seq <= all.value.upTo && !all.value.except.has(m.seq) : some.value.has(m.seq);
}

/**
 * @param {Summary} m
 * @param {boolean} [on] left out: the other way round
 */
export function toggle(m, on = !isSelected(m)) {
  anchor = m.seq;
  if (all.peek()) {
    const { upTo, except } = /** @type {NonNullable<typeof all.value>} */ (all.peek());
    const others = new Map(except);
    if (on) others.delete(m.seq);
    else others.set(m.seq, m);
    if (others.size > mostExceptions) return false;
    all.value = { upTo, except: others };
    return true;
  }
  const next = new Map(some.peek());
  if (on) next.set(m.seq, m);
  else next.delete(m.seq);
  some.value = next;
  return true;
}

/** Where the next range begins, unless something is selected before. */
export function startRange(/** @type {Summary} */ m) {
  if (!anchor || !some.peek().size) anchor = m.seq;
}

/**
 * Selects from where a range begins to a message.
 * @param {Summary} m
 * @returns {Promise<boolean>} false: it is too long
 */
export async function selectTo(m) {
  const [a, b] = [mail.position(anchor || m.seq), mail.position(m.seq)];
  const [from, to] = a < b ? [a, b] : [b, a];
  if (to - from >= mostInRange) return false;
  const range = await mail.between(from, to);
  batch(() => {
    const next = new Map(all.peek() ? [] : some.peek());
    for (const each of range) next.set(each.seq, each);
    all.value = null;
    some.value = next;
  });
  return true;
}

/** Selects all that the list has now; what comes later is not. */
export function selectAll() {
  all.value = { upTo: mail.upTo(), except: new Map() };
  some.value = new Map();
}

export function clear() {
  if (!some.peek().size && !all.peek()) return;
  batch(() => {
    some.value = new Map();
    all.value = null;
    anchor = 0;
  });
}

/**
 * What is selected: messages, or all of the list that a query finds.
 * @returns {{messages: Summary[]} | {q: string, mailbox: string, before: number, except: Summary[], count: number} | null}
 */
export function target() {
  if (all.peek()) {
    const { upTo, except } = /** @type {NonNullable<typeof all.value>} */ (all.peek());
    const { q, mailbox } = mail.filter.peek();
    const others = [...except.values()];
    const terms = [q, ...others.map((m) => `-id:${m.id}`)].filter(Boolean).join(" ");
    return { q: terms, mailbox, before: upTo + 1, except: others, count: selected.peek() };
  }
  const messages = [...some.peek().keys()].map((seq) => mail.get(seq) ?? some.peek().get(seq));
  return messages.length ? { messages: /** @type {Summary[]} */ (messages) } : null;
}

/**
 * Those are not there any more.
 * @param {Iterable<number>} seqs
 */
export function forget(seqs) {
  const next = new Map(some.peek());
  for (const seq of seqs) next.delete(seq);
  if (next.size !== some.peek().size) some.value = next;
}

// Another list, another selection.
effect(() => {
  void mail.shown.value;
  clear();
});
