// What is deleted here goes from view at once; the server is told later (undo.js).

import { batch } from "@preact/signals";
import { segment, Segments } from "../window.js";
import { belongs, changed, concealed, here, isShown, loaded, open, shown, version } from "./here.js";
import { load, loadSoon, pageSize } from "./load.js";

/** @typedef {import("../api.js").Summary} Summary */

/** @param {Summary[]} messages */
export function conceal(messages) {
  batch(() => {
    for (const m of messages) {
      concealed.set(m.seq, { m: here.rows.get(m.seq) ?? m, sent: false });
      here.rows.take(m.seq, true);
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
      if (is) here.rows.insert(back, pageSize);
      else if (is === undefined) loadSoon();
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
  const mine = (here.veil = { what: shown.peek(), upTo: seq, except });
  const left = loaded().filter(isShown);
  batch(() => {
    here.rows = new Segments([segment(Infinity, 0, left.length, left)]);
    open.value = false;
    changed();
  });
  return () => {
    if (here.veil !== mine) return;
    here.veil = null;
    load();
  };
}
