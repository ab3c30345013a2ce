// What is shown is in the address: view, mailbox, query, message, tab, session.

import { signal } from "@preact/signals";

/**
 * @typedef {"mail" | "sessions" | "setup" | "faults"} View
 *
 * @typedef {object} Route
 * @property {View} view
 * @property {string} box      a mailbox; "" for all of them
 * @property {boolean} unseen  only what was not seen yet
 * @property {string} q        a search
 * @property {string} id       the message that is open
 * @property {string} tab      how it is shown; "" for its usual way
 * @property {string} session  the session that is open
 * @property {boolean} failed  only sessions that failed
 */

/** @type {readonly View[]} */
const views = ["mail", "sessions", "setup", "faults"];

/** @returns {Route} */
function read() {
  const query = new URLSearchParams(location.search);
  const text = (/** @type {string} */ name) => query.get(name) ?? "";
  const asked = /** @type {View} */ (text("view"));
  return {
    view: views.includes(asked) ? asked : "mail",
    box: text("box"),
    unseen: text("unseen") === "1",
    q: text("q"),
    id: text("m"),
    tab: text("tab"),
    session: text("session"),
    failed: text("failed") === "1",
  };
}

export const route = signal(read());

addEventListener("popstate", () => {
  route.value = read();
});

/**
 * The address of what is shown, with a change. What another view is about is
 * not carried along.
 * @param {Partial<Route>} change
 */
export function href(change) {
  const to = { ...route.value, ...change };
  const query = new URLSearchParams();
  const set = (/** @type {string} */ name, /** @type {string | boolean} */ value) => value && query.set(name, value === true ? "1" : String(value));
  if (to.view !== "mail") set("view", to.view);
  if (to.view === "mail") {
    set("box", to.box);
    set("unseen", to.unseen);
    set("q", to.q);
    set("m", to.id);
    if (to.id) set("tab", to.tab);
  } else if (to.view === "sessions") {
    set("failed", to.failed);
    set("session", to.session);
  }
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

/**
 * @param {Partial<Route>} change
 * @param {{replace?: boolean}} [how]
 */
export function go(change, { replace = false } = {}) {
  const to = href(change);
  if (to === href({})) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  route.value = read();
}

/**
 * Makes a link move inside the page, but leaves "open in a new tab" alone.
 * @param {Partial<Route>} change
 */
export function follow(change) {
  return (/** @type {MouseEvent} */ e) => {
    if (e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    go(change);
  };
}
