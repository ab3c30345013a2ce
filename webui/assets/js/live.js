// Follows the server's events: one stream for all tabs of the browser. A
// browser has six connections to a host, and a stream takes one for good.
//
// The tab that holds a lock has the stream and hands every event on to the
// others (Web Locks, BroadcastChannel). When it goes, the next one goes on
// behind the last event that it was told of. A tab that is looked at and finds
// the one with the stream silent takes the lock away from it. Where a page has
// no locks (plain HTTP from another machine) each tab has a stream of its own
// while it is shown, and one that is hidden gives it up for one that is not.
//
// A page begins behind what it has read first (since), not behind the moment at
// which its stream was opened: nothing falls between the two.

import { signal } from "@preact/signals";
import { eventsURL } from "./api.js";

/**
 * @typedef {"stored" | "deleted" | "pruned" | "seen" | "tagged" | "session" | "fault" | "resync"} ServerEvent
 * What the server tells, "resync" also when this page finds that it missed
 * something; and "connected": what happens from now on will be told.
 * @typedef {{type: string, id: number, data: any}} Told
 */

/** False when the server has not been heard of for a moment. */
export const online = signal(true);

const patience = 1500; // ms before a lost connection is shown
const retryAfter = 2000; // ms, where the browser does not try again by itself
const askEvery = 30_000; // ms between questions to the tab with the stream
const answerWithin = 3000; // ms

/** @type {readonly string[]} */
const types = ["stored", "deleted", "pruned", "seen", "tagged", "session", "fault", "resync"];

/** @type {Map<string, Set<(data: any) => void>>} */
const listeners = new Map();

/**
 * Calls take with the data of each event of a type, in order.
 * @param {ServerEvent | "connected"} type
 * @param {(data: any) => void} take
 * @returns {() => void} ends it
 */
export function on(type, take) {
  const all = listeners.get(type) ?? new Set();
  listeners.set(type, all);
  all.add(take);
  return () => void all.delete(take);
}

/**
 * @param {string} type
 * @param {any} data
 */
function tell(type, data) {
  for (const take of listeners.get(type) ?? []) {
    try {
      take(data);
    } catch (e) {
      reportError(e); // the others are told all the same
    }
  }
}

let last = 0; // the revision that was told last; 0: none yet
let from = 0; // where this page began to be told
let based = false; // whether since was called

/** @param {Told} event */
function receive({ type, id, data }) {
  if (type !== "resync") {
    if (last && id <= last) return; // told by the stream that was before
    if (last && id > last + 1) tell("resync", {}); // revisions have no gaps
  }
  if (!last) from = id - 1;
  last = id;
  tell(type, data);
}

/**
 * Begins behind what the page has read first: all that happened since is told.
 * @param {number} revision 0 is not known: what happens from now on
 */
export function since(revision) {
  if (based) return;
  based = true;
  if (!last) last = revision;
  else if (revision < from) tell("resync", {});
  if (leading && !stream) open();
}

const scope = `restante ${new URL(eventsURL, document.baseURI).pathname}`;
const channel = new BroadcastChannel(scope);

const shared = Boolean(navigator.locks);
/** @type {EventSource | null} */
let stream = null;
let leading = !shared; // whether the stream is this tab's to have
let connected = false; // once at least, by this tab or another
let offlineSoon = 0; // timers
let retrySoon = 0;

function open() {
  close();
  if (!based) return;
  const source = (stream = new EventSource(last ? `${eventsURL}?after=${last}` : eventsURL));
  source.onopen = () => {
    clearTimeout(offlineSoon);
    offlineSoon = 0;
    // The server goes on behind the last event, if there was one.
    const missed = connected && !last;
    setOnline(true);
    if (missed) {
      tell("resync", {});
      channel.postMessage({ resync: true });
    }
  };
  source.onerror = () => {
    offlineSoon ||= setTimeout(() => setOnline(false), patience);
    if (source.readyState === EventSource.CLOSED && source === stream) retrySoon = setTimeout(open, retryAfter);
  };
  for (const type of types) {
    source.addEventListener(type, (e) => {
      const event = { type, id: Number(e.lastEventId), data: JSON.parse(e.data) };
      receive(event);
      channel.postMessage({ event });
    });
  }
  channel.postMessage({ opened: true });
}

function close() {
  stream?.close();
  stream = null;
  clearTimeout(retrySoon);
  clearTimeout(offlineSoon);
  offlineSoon = 0;
}

/** @param {boolean} is */
function setOnline(is) {
  if (is) connected = true;
  online.value = is;
  if (is) tell("connected", {});
  if (stream) channel.postMessage({ state: { online: is, last } });
}

/* Which tab has the stream. */

let release = () => {}; // lets go of the lock, or of the wish for it

/** @param {boolean} [steal] */
async function lead(steal) {
  const wish = new AbortController();
  release = () => wish.abort();
  try {
    await navigator.locks.request(scope, steal ? { steal } : { signal: wish.signal }, () => {
      clearTimeout(silent);
      leading = true;
      open();
      return new Promise((done) => (release = () => done(undefined)));
    });
    leading = false;
    close(); // let go of
  } catch {
    if (wish.signal.aborted) return;
    leading = false;
    close(); // taken away: this tab was silent for too long
    lead();
  }
}

let silent = 0; // a timer: when it ends the tab with the stream does not answer

function ask() {
  if (stream || document.hidden) return;
  channel.postMessage({ ask: true });
  clearTimeout(silent);
  silent = setTimeout(() => {
    if (stream || document.hidden) return;
    release();
    lead(true);
  }, answerWithin);
}

channel.onmessage = ({ data }) => {
  if (data.ask && stream) channel.postMessage({ state: { online: online.peek(), last, answer: true } });
  if (data.opened && !shared && document.hidden) close();
  if (!shared || stream) return;
  if (data.event) receive(data.event);
  if (data.resync) tell("resync", {});
  if (data.state) follow(data.state);
};

/** @param {{online: boolean, last: number, answer?: boolean}} state of the tab with the stream */
function follow(state) {
  clearTimeout(silent);
  const first = !connected;
  if (state.online) connected = true;
  if (!last) last = from = state.last;
  else if (state.last > last) {
    last = state.last; // this tab was frozen, or read before the other was told
    tell("resync", {});
  }
  online.value = state.online;
  if (state.online && (first || !state.answer)) tell("connected", {});
}

let started = false;

function begin() {
  if (started) return;
  started = true;
  if (!shared) {
    open();
    return;
  }
  lead();
  ask();
}

/** Begins to follow, for as long as the page is not left. */
export function start() {
  begin();
  setInterval(ask, askEvery);
  // A page that is kept for "back" must not keep the connection.
  addEventListener("pagehide", () => {
    started = false;
    release();
    close();
  });
  addEventListener("pageshow", (e) => e.persisted && begin());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    if (shared) ask();
    else if (!stream) open();
  });
}
