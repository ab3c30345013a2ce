// What one can do with messages, from buttons and keys alike.

import { signal } from "@preact/signals";
import * as mail from "./mail.js";
import { go, route } from "./route.js";

/** Why the last action failed; "" when it did not. */
export const failure = signal("");

const onePane = matchMedia("(max-width: 800px)");

/** @param {() => Promise<void>} run */
export async function act(run) {
  try {
    await run();
    failure.value = "";
  } catch (e) {
    failure.value = e instanceof TypeError ? "The server cannot be reached." : /** @type {Error} */ (e).message;
  }
}

export function close() {
  go({ id: "", tab: "" });
}

/** @param {string} id */
export function deleteMessage(id) {
  return act(async () => {
    const neighbour = await mail.remove(id);
    if (mail.cursor.peek() === id) mail.cursor.value = neighbour;
    if (route.peek().id === id) go({ id: onePane.matches ? "" : neighbour, tab: "" }, { replace: true });
    else focusRow(neighbour);
  });
}

/**
 * Moves the keyboard's row. Where the message stands beside the list it is
 * shown at once.
 * @param {number} by
 */
export function step(by) {
  const all = mail.items.peek();
  if (!all.length) return;
  const from = all.findIndex((m) => m.id === (mail.cursor.peek() || route.peek().id));
  const to = all[from < 0 ? 0 : Math.min(Math.max(from + by, 0), all.length - 1)];
  mail.cursor.value = to.id;
  focusRow(to.id);
  if (route.peek().id && !onePane.matches) go({ id: to.id, tab: "" }, { replace: true });
}

/** @param {string} id */
function focusRow(id) {
  const row = document.querySelector(`.row[data-id="${CSS.escape(id)}"]`);
  if (row instanceof HTMLElement) row.focus();
}
