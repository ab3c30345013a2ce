// Dialogs: the browser's own, so that it keeps the focus inside.

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import { html } from "./view.js";

let serial = 0;

/**
 * A modal dialog for as long as it is rendered. onClose is called when the
 * reader closes it, with Esc too; then leave it out. The focus goes back to
 * where it was. What is to have the focus first has the attribute autofocus.
 * @param {{title: string, onClose: () => void, children?: import("preact").Child, class?: string, bare?: boolean}} props
 *   bare: without the bar that has the title; the title is still its name
 */
export function Dialog({ title, onClose, children, class: more = "", bare = false }) {
  const el = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const name = useRef("");
  name.current ||= `dialog-${++serial}`;
  // Not after the next frame: a key struck by then is the dialog's.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const dialog = /** @type {HTMLDialogElement} */ (el.current);
    dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const outside = (/** @type {MouseEvent} */ e) => {
    if (e.target === el.current) onClose(); // its backdrop: what is inside covers the rest
  };
  const onCancel = (/** @type {Event} */ e) => {
    if (e.target !== el.current) return; // a file field inside has this event, too
    e.preventDefault();
    onClose();
  };
  return html`
    <dialog ref=${el} class=${`dialog ${more}`} aria-labelledby=${bare ? undefined : name.current} aria-label=${bare ? title : undefined} onCancel=${onCancel} onMouseDown=${outside}>
      <div class="dialog-box">
        ${!bare &&
        html`
          <header class="dialog-head">
            <h2 id=${name.current}>${title}</h2>
            <button type="button" class="button icon-only" onClick=${onClose} aria-label=${t("shell.close")}><${icons.close} /></button>
          </header>
        `}
        ${children}
      </div>
    </dialog>
  `;
}

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {import("preact").Child} text
 * @property {string} action  what the button does
 * @property {boolean} [danger]  it is not to be done by a slip: Cancel has the focus
 */

const question = signal(/** @type {(Question & {answer: (yes: boolean) => void}) | null} */ (null));

/**
 * Asks before something is done.
 * @param {Question} q
 * @returns {Promise<boolean>}
 */
export function ask(q) {
  question.peek()?.answer(false);
  return new Promise((resolve) => {
    question.value = {
      ...q,
      answer: (yes) => {
        question.value = null;
        resolve(yes);
      },
    };
  });
}

/** Where questions are shown: once, in the page's frame. */
export function Questions() {
  const q = question.value;
  if (!q) return null;
  return html`
    <${Dialog} title=${q.title} onClose=${() => q.answer(false)} class="question">
      <div class="dialog-body">${q.text}</div>
      <footer class="dialog-foot">
        <button type="button" class="button bordered" autofocus=${q.danger} onClick=${() => q.answer(false)}>${t("shell.cancel")}</button>
        <button type="button" class="button primary" autofocus=${!q.danger} onClick=${() => q.answer(true)}>${q.action}</button>
      </footer>
    <//>
  `;
}
