// Short words at the edge of the page: what was done, and how to undo it.

import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import { pending, undo, wait } from "./undo.js";
import { html } from "./view.js";

/**
 * @typedef {object} Toast
 * @property {number} id
 * @property {string} text
 * @property {{label: string, run: () => unknown}} [action]
 * @property {number} time  ms until it goes; 0: until it is taken away
 */

const usual = 5000; // ms
const mostShown = 3;

const toasts = signal(/** @type {readonly Toast[]} */ ([]));
let serial = 0;

/**
 * @param {string} text
 * @param {{undo?: () => unknown, action?: {label: string, run: () => unknown}, time?: number}} [more]
 * @returns {() => void} takes it away
 */
export function toast(text, { undo, action = undo && { label: t("list.undo"), run: undo }, time = usual } = {}) {
  const id = ++serial;
  toasts.value = [...toasts.peek(), { id, text, action, time }].slice(-mostShown);
  return () => drop(id);
}

/** @param {number} id */
function drop(id) {
  toasts.value = toasts.peek().filter((each) => each.id !== id);
}

const deletions = computed(() => pending.value.slice(-mostShown));

/** Where they are shown: once, in the page's frame. */
export function Toasts() {
  return html`
    <div class="toasts" role="status" aria-live="polite">
      ${toasts.value.map((each) => html`<${Note} key=${each.id} toast=${each} />`)}
      ${deletions.value.map(
        (p) => html`
          <p key=${`d${p.id}`} class="toast" data-toast="deleted" onFocusIn=${() => wait(p.id, true)} onFocusOut=${() => wait(p.id, false)}>
            <span>${p.text}</span>
            <button type="button" class="button" onClick=${() => undo(p.id)}>${t("list.undo")}</button>
          </p>
        `,
      )}
    </div>
  `;
}

/** @param {{toast: Toast}} props */
function Note({ toast: { id, text, action, time } }) {
  useEffect(() => {
    if (!time) return undefined;
    const timer = setTimeout(drop, time, id);
    return () => clearTimeout(timer);
  }, []);
  const run = () => {
    drop(id);
    action?.run();
  };
  return html`
    <p class="toast">
      <span>${text}</span>
      ${action && html`<button type="button" class="button" onClick=${run}>${action.label}</button>`}
      <button type="button" class="button icon-only" aria-label=${t("shell.dismiss")} onClick=${() => drop(id)}><${icons.close} /></button>
    </p>
  `;
}
