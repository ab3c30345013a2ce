// Buttons that copy.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n.js";
import * as icons from "../icons.js";
import { html } from "../view.js";

/**
 * Puts text on the clipboard. A page without TLS that is not on this machine
 * has no clipboard of its own; the old way does there.
 * @param {string} text
 */
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "hidden";
  (document.querySelector("dialog[open]") ?? document.body).append(field); // what is outside a dialog cannot be selected
  const before = document.activeElement;
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  if (!done) throw new Error(t("message.copy.failed"));
}

const shown = 1600; // ms that a button says what it did

/**
 * @param {{text: string, what: string, label?: import("preact").Child, class?: string}} props
 *   what: the thing that is copied, for the button's name; label: what stands beside the drawing
 */
export function Copy({ text, what, label = "", class: more = "" }) {
  const [state, setState] = useState(/** @type {"" | "done" | "failed"} */ (""));
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const onClick = async () => {
    const now = await copyText(text).then(
      () => /** @type {const} */ ("done"),
      () => /** @type {const} */ ("failed"),
    );
    setState(now);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState(""), shown);
  };
  const name = t("message.copy.what", { what });
  return html`
    <button type="button" class=${`button copy ${label ? "" : "icon-only"} ${more} ${state}`} onClick=${onClick} aria-label=${name.includes(String(label)) ? name : label} title=${state === "failed" ? t("message.copy.failed") : name} data-copy=${text}>
      ${state === "done" ? html`<${icons.check} />` : html`<${icons.copy} />`}${label && html`<span class="label">${label}</span>`}
      <span class="hidden" role="status">${state === "done" ? t("message.copied") : state === "failed" ? t("message.copy.failed") : ""}</span>
    </button>
  `;
}
