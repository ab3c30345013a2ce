// What is shown is in the address: query, message, tab.

import { signal } from "@preact/signals";

/**
 * @typedef {"html" | "text" | "headers" | "source" | ""} Tab
 * @typedef {{q: string, id: string, tab: Tab}} Route
 */

/** @type {readonly Tab[]} */
const tabs = ["html", "text", "headers", "source"];

/** @returns {Route} */
function read() {
  const query = new URLSearchParams(location.search);
  const tab = /** @type {Tab} */ (query.get("tab") ?? "");
  return { q: query.get("q") ?? "", id: query.get("m") ?? "", tab: tabs.includes(tab) ? tab : "" };
}

export const route = signal(read());

addEventListener("popstate", () => {
  route.value = read();
});

/** @param {Partial<Route>} change */
export function href(change) {
  const to = { ...route.value, ...change };
  const query = new URLSearchParams();
  if (to.q) query.set("q", to.q);
  if (to.id) query.set("m", to.id);
  if (to.id && to.tab) query.set("tab", to.tab);
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

/**
 * @param {Partial<Route>} change
 * @param {{replace?: boolean}} [how]
 */
export function go(change, { replace = false } = {}) {
  const to = href(change);
  if (replace) history.replaceState(null, "", to);
  else if (to !== href({})) history.pushState(null, "", to);
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
