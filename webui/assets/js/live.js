// Follows the server's events and keeps the list true to them.

import { batch, signal } from "@preact/signals";
import { eventsURL } from "./api.js";
import * as mail from "./mail.js";
import { route } from "./route.js";

/** @typedef {import("./api.js").Summary} Summary */

/** False when the server has not been heard of for a moment. */
export const online = signal(true);
/** The message that was deleted last, for a view that shows it. */
export const deleted = signal("");
/** What is noted about a message changed. */
export const noted = signal(/** @type {{id: string, seen?: boolean, tags?: string[]} | null} */ (null));

const patience = 1500; // ms before a lost connection is shown
const retryAfter = 2000; // ms, where the browser does not try again by itself
const totalsEvery = 500; // ms

/** @type {Summary[]} */
let arrived = []; // since the last frame
/** @type {Set<string>} */
let gone = new Set();
let drawing = false;
let counting = false;
let wasOpen = false;
let offlineSoon = 0; // a timer

/** @type {EventSource | null} */
let stream = null;

/** Begins to follow, for as long as the page is not left. */
export function start() {
  follow();
  // A page that is kept for "back" would keep its connection too, and browsers
  // have six for one server.
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (e) => e.persisted && follow());
}

function follow() {
  let known = false; // an event came: the server can go on from there
  const source = (stream = new EventSource(eventsURL));

  source.onopen = () => {
    clearTimeout(offlineSoon);
    offlineSoon = 0;
    online.value = true;
    if (!wasOpen || known) mail.catchUp();
    else mail.reload();
    wasOpen = true;
  };
  source.onerror = () => {
    offlineSoon ||= setTimeout(() => (online.value = false), patience);
    if (source.readyState === EventSource.CLOSED && source === stream) setTimeout(follow, retryAfter);
  };

  /**
   * @param {string} type
   * @param {(data: any) => void} take
   */
  const on = (type, take) =>
    source.addEventListener(type, (e) => {
      known = true;
      take(JSON.parse(e.data));
    });

  on("stored", (m) => later(() => arrived.unshift(m)));
  const drop = (/** @type {{id: string, mailboxes: string[]}} */ e) => {
    if (e.mailboxes.length) return; // it is still in others
    later(() => gone.add(e.id));
  };
  on("deleted", drop);
  on("pruned", drop);
  on("seen", (e) => {
    mail.note(e.id, { seen: e.seen });
    noted.value = { id: e.id, seen: e.seen };
    later(() => {});
  });
  on("tagged", (e) => {
    mail.note(e.id, { tags: e.tags });
    noted.value = { id: e.id, tags: e.tags };
  });
  on("resync", () => mail.reload());
}

/**
 * Collects what happens and shows it once per frame: a thousand messages in a
 * second are not a thousand renderings.
 * @param {() => void} collect
 */
function later(collect) {
  collect();
  if (!drawing) {
    drawing = true;
    // A hidden page has no frames.
    if (document.hidden) setTimeout(draw, 100);
    else requestAnimationFrame(draw);
  }
  if (!counting) {
    counting = true;
    setTimeout(() => {
      counting = false;
      mail.catchUp();
    }, totalsEvery);
  }
}

function draw() {
  const [added, removed] = [arrived, gone];
  arrived = [];
  gone = new Set();
  drawing = false;
  batch(() => {
    // With a query only the server knows what matches: see catchUp.
    if (added.length && !route.peek().q && !mail.problem.peek()) {
      mail.arrive(added.filter((m) => !removed.has(m.id)));
    }
    if (removed.size) {
      mail.drop(removed);
      for (const id of removed) deleted.value = id;
    }
  });
}
