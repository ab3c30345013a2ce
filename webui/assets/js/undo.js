// Deleting, with time to think again: messages go from view at once, and from
// the server when the time is up or the page is left.

import { signal } from "@preact/signals";
import * as api from "./api.js";
import * as mail from "./mail.js";

/**
 * @typedef {import("./api.js").Summary} Summary
 * @typedef {{q: string, mailbox: string, before: number, except: Summary[], count: number}} Matching
 *
 * @typedef {object} Pending
 * @property {number} id
 * @property {string} text  what was done
 * @property {(leaving: boolean) => Promise<void>} send
 * @property {() => void} back  shows them again
 * @property {number} octets  what it takes to send it
 * @property {number} timer
 */

const timeToUndo = 6000; // ms
const idsPerRequest = 5000;
// Requests that outlive their page may have 64 KiB in sum (Fetch §4.6, keepalive).
const mostOctets = 60_000;

/** @param {Summary[]} messages */
const octets = (messages) => messages.reduce((sum, m) => sum + m.id.length + 3, 0);

/**
 * Whether there can be time to think again: when the page is left they have to
 * be named to the server in what a browser lets go out then.
 * @param {{messages: Summary[]} | Matching} what
 */
export const undoable = (what) => !("messages" in what) || octets(what.messages) <= mostOctets;

/** Deletions that can be undone, the last one last. */
export const pending = signal(/** @type {readonly Pending[]} */ ([]));

/** Called with what a deletion failed with. */
let failed = (/** @type {unknown} */ _) => {};

/** @param {(e: unknown) => void} call */
export function onFailure(call) {
  failed = call;
}

let serial = 0;

/**
 * Deletes messages when the time is up; at once, when that cannot be undone.
 * @param {{messages: Summary[]} | Matching} what
 * @param {string} text says so
 * @param {() => void} undone
 */
export function removeLater(what, text, undone) {
  const it = "messages" in what ? someMessages(what.messages) : allMatching(what);
  const back = () => {
    it.back();
    undone();
  };
  if (undoable(what)) add({ ...it, back, text });
  else deliver(it);
}

/** @param {Summary[]} messages */
function someMessages(messages) {
  mail.conceal(messages);
  const send = async (/** @type {boolean} */ leaving) => {
    const ids = mail.stillConcealed(messages).map((m) => m.id);
    for (let i = 0; i < ids.length; i += idsPerRequest) {
      const request = api.removeMany(ids.slice(i, i + idsPerRequest), leaving);
      if (!leaving) await request;
    }
    mail.gone(messages);
  };
  return { send, back: () => mail.reveal(messages), octets: octets(messages) };
}

/** @param {Matching} what */
function allMatching(what) {
  const back = mail.concealAll(what.before - 1, new Set(what.except.map((m) => m.seq)));
  const send = async (/** @type {boolean} */ leaving) => {
    await api.removeMatching(what, leaving);
    back();
  };
  return { send, back, octets: 0 };
}

/** @param {Omit<Pending, "id" | "timer">} deletion */
function add(deletion) {
  const id = ++serial;
  // The eldest make room.
  while (pending.peek().reduce((sum, p) => sum + p.octets, deletion.octets) > mostOctets) expire(pending.peek()[0].id);
  pending.value = [...pending.peek(), { ...deletion, id, timer: setTimeout(expire, timeToUndo, id) }];
}

/** @param {number} id */
function takeOut(id) {
  const it = pending.peek().find((p) => p.id === id);
  if (!it) return undefined;
  clearTimeout(it.timer);
  pending.value = pending.peek().filter((p) => p !== it);
  return it;
}

/** @param {number} id */
function expire(id) {
  const it = takeOut(id);
  if (it) deliver(it);
}

/** @param {Pick<Pending, "send" | "back">} deletion */
async function deliver({ send, back }) {
  try {
    await send(false);
  } catch (e) {
    back();
    failed(e);
  }
}

/**
 * Undoes a deletion, the last one if none is named.
 * @param {number} [id]
 */
export function undo(id = pending.peek().at(-1)?.id ?? 0) {
  takeOut(id)?.back();
}

/** Gives all of the time again, from when hold is false. */
export function wait(/** @type {number} */ id, /** @type {boolean} */ hold) {
  const it = pending.peek().find((p) => p.id === id);
  if (!it) return;
  clearTimeout(it.timer);
  if (!hold) it.timer = setTimeout(expire, timeToUndo, id);
}

// Who leaves the page has thought again.
addEventListener("pagehide", () => {
  for (const { id } of pending.peek()) takeOut(id)?.send(true).catch(() => {});
});
