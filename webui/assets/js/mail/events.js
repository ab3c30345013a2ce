// What happens to the list. Events are collected and shown once per frame: a
// thousand messages in a second are not a thousand renderings.

import { batch } from "@preact/signals";
import * as api from "../api.js";
import { on } from "../live.js";
import { route } from "../route.js";
import { belongs, changed, concealed, filter, here, isShown, loading, mistake, note, open, problem, totals } from "./here.js";
import { load, loadSoon, pageSize, take, tally } from "./load.js";

/** @typedef {import("../api.js").Summary} Summary */

const totalsEvery = 500; // ms
const manyMissed = 200; // above it the list is read again

/** @type {(() => void)[]} */
let waiting = [];
let drawing = false;
let counting = 0; // a timer
let unsure = false; // whether all that came is there
let doubts = 0; // how often the count was not the server's

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

/** @param {Summary} m */
function arrive(m) {
  if (m.seq <= here.newest || belongs(m) === undefined) return; // for a query: see catchUp
  here.newest = m.seq;
  if (belongs(m)) here.rows.insert(m, pageSize);
}

/** @param {{seq: number, mailboxes: string[]}} e */
function leave({ seq, mailboxes }) {
  const { box, unseen, q } = route.peek();
  if (mailboxes.length) {
    const m = here.rows.get(seq);
    if (!m) return;
    const left = m.mailboxes.filter((name) => !mailboxes.includes(name));
    if (belongs({ ...m, mailboxes: left }) !== false) here.rows.note(seq, { mailboxes: left });
    else here.rows.take(seq, true);
    return;
  }
  if (concealed.delete(seq)) return;
  const known = !box && !unseen && !q;
  if (!here.rows.take(seq, known) && !known && here.rows.list.some((s) => !s.rows)) loadSoon();
}

// What happened meanwhile is for the list that has come.
loading.subscribe((is) => {
  if (is) return;
  apply();
  if (unsure) catchUp();
});
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
});

/** Adds what came since the list was loaded, and counts. For a query only the server knows what matches. */
async function catchUp() {
  unsure = loading.peek(); // what is being read may be of a moment before
  if (unsure || problem.peek()) return;
  if (mistake.peek()) {
    tally();
    return;
  }
  const mine = here.current;
  const { q, mailbox } = filter.peek();
  try {
    const page = await api.list({ q, mailbox, after: here.newest, order: "oldest", limit: manyMissed }, mine.signal);
    if (mine.signal.aborted) return;
    if (page.next) {
      load();
      return;
    }
    apply();
    batch(() => {
      for (const m of page.messages) if (m.seq > here.newest && isShown(m)) here.rows.insert(m, pageSize);
      here.newest = Math.max(here.newest, page.cursor, page.messages.at(-1)?.seq ?? 0);
      take(page);
      changed();
    });
    const right = q || mailbox || here.veil || open.peek() || totals.peek().total === here.rows.total;
    doubts = right ? 0 : doubts + 1;
    if (doubts === 1) countSoon();
    else if (doubts > 1) loadSoon();
  } catch {
    // The stream of events tells when the server is back.
  }
}
