// j, k: next, previous. Enter: open. #: delete. /: search. Esc: back.

import { close, deleteMessage, step } from "./actions.js";
import * as mail from "./mail.js";
import { go, route } from "./route.js";

export function listen() {
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
    const at = /** @type {HTMLElement} */ (e.target);
    if (e.key === "Escape") {
      if (at.matches("input")) at.blur();
      else close();
      return;
    }
    if (at.matches("input[type=search], textarea, select")) return;
    const key = keys[e.key];
    if (!key) return;
    if (key(at) !== false) e.preventDefault();
  });
}

/** @type {Record<string, (at: HTMLElement) => void | boolean>} */
const keys = {
  j: () => step(1),
  k: () => step(-1),
  "#": () => {
    const id = route.peek().id || mail.cursor.peek();
    if (id) deleteMessage(id);
  },
  "/": () => document.getElementById("q")?.focus(),
  Enter: (at) => {
    if (at.closest("a, button, summary, input") || !mail.cursor.peek()) return false;
    go({ id: mail.cursor.peek(), tab: "" });
    return true;
  },
};
