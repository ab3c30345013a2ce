// What is told outside of the page: the tab's title and picture, and, for those
// who want it, the desktop's notifications.

import { effect, signal } from "@preact/signals";
import { count, names } from "./format.js";
import { t } from "./i18n.js";
import * as live from "./live.js";
import { totals } from "./mail.js";
import { go, route } from "./route.js";
import { setting } from "./settings.js";

/** The reader wants notifications. */
export const wanted = setting("notifications", false);

/** @returns {NotificationPermission | "impossible"} */
const permission = () => ("Notification" in window && isSecureContext ? Notification.permission : "impossible");

/** What the browser says to that; "impossible" where it has none, as with plain HTTP from another machine. */
export const allowed = signal(permission());

/**
 * Asks the browser for its leave when the reader switches them on, never
 * before.
 * @param {boolean} on
 */
export async function switchNotifications(on) {
  wanted.value = on;
  if (!on || permission() === "impossible") return;
  allowed.value = await Notification.requestPermission();
  if (allowed.value !== "granted") wanted.value = false;
}

const gather = 400; // ms in which what arrives is told of together
const named = 3; // more than this at once is told as a number

/** @typedef {import("./api.js").Summary} Summary */

/** @type {Summary[]} */
let arrived = [];

/** @param {Summary} m */
function arrive(m) {
  if (!wanted.peek() || permission() !== "granted" || (document.visibilityState === "visible" && document.hasFocus())) return;
  arrived.push(m);
  if (arrived.length === 1) setTimeout(tell, gather);
}

function tell() {
  const all = arrived;
  arrived = [];
  if (all.length <= named) for (const m of all) notify(names(m.from) || m.sender, m.subject || t("shell.noSubject"), m.id);
  else notify(t("shell.notify.many", { n: all.length }), names(all.at(-1)?.from ?? []), "");
}

/**
 * @param {string} title
 * @param {string} body
 * @param {string} id  the message to show when it is clicked; "" for the list
 */
function notify(title, body, id) {
  // Several tabs say the same: the tag makes it one.
  const n = new Notification(title, { body, tag: `restante-${id || "many"}`, icon: picture(0) });
  n.onclick = () => {
    window.focus();
    go({ view: "mail", id, tab: "", ...(id ? {} : { box: "", unseen: false, q: "" }) });
    n.close();
  };
}

/**
 * The page's picture, with a number.
 * @param {number} n
 */
function picture(n) {
  const text = n > 99 ? "99" : String(n);
  const badge =
    n > 0
      ? `<rect x="${text.length > 1 ? 10 : 15}" y="11" width="${text.length > 1 ? 22 : 17}" height="21" rx="7" fill="#1f1d1a" stroke="#fff" stroke-width="1.5"/>` +
        `<text x="${text.length > 1 ? 21 : 23.5}" y="27.500" font-family="system-ui,sans-serif" font-weight="700" font-size="17" fill="#fff" text-anchor="middle">${text}</text>`
      : "";
  return (
    "data:image/svg+xml," +
    encodeURIComponent(
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="1" y="4" width="30" height="22" rx="3.500" fill="#a4402f"/>` +
        `<path d="M5 9.500 16 17.500 27 9.500" fill="none" stroke="#fff" stroke-width="2.400" stroke-linecap="round" stroke-linejoin="round"/>${badge}</svg>`,
    )
  );
}

/** What the page is called for what it shows. */
function title() {
  const { view, box, unseen } = route.value;
  if (view === "sessions") return t("shell.sessions");
  if (view === "setup") return t("shell.setup");
  if (view === "faults") return t("shell.faults");
  return box || (unseen ? t("shell.unseen") : "");
}

/** Begins to tell. */
export function start() {
  live.on("stored", arrive);
  effect(() => {
    const { unseen } = totals.value;
    document.title = [unseen ? `(${count(unseen)})` : "", title(), title() ? "·" : "", "Restante"].filter(Boolean).join(" ");
    document.querySelector('link[rel="icon"]')?.setAttribute("href", picture(unseen));
  });
}
