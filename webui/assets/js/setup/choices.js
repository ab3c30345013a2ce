// Tabs: one of several is shown.

import { useRef } from "preact/hooks";
import { html } from "../view.js";

let serial = 0;

/**
 * @param {object} props
 * @param {string} props.label
 * @param {readonly {id: string, name: string}[]} props.all
 * @param {string} props.chosen
 * @param {(id: string) => void} props.onChoose
 * @param {import("preact").Child} [props.children] what the chosen one shows
 */
export function Choices({ label, all, chosen, onChoose, children }) {
  const name = useRef("");
  name.current ||= `choices-${++serial}`;
  const id = (/** @type {string} */ of) => `${name.current}-${of}`;
  const onKeyDown = (/** @type {KeyboardEvent} */ e) => {
    const at = all.findIndex((each) => each.id === chosen);
    /** @type {Record<string, number>} */
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 };
    if (!(e.key in to) || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation(); // the page's own keys
    const next = all[(to[e.key] + all.length) % all.length].id;
    onChoose(next);
    document.getElementById(id(next))?.focus();
  };
  return html`
    <div class="choices">
      <div class="choices-tabs" role="tablist" aria-label=${label} onKeyDown=${onKeyDown}>
        ${all.map(
          (each) => html`
            <button key=${each.id} type="button" role="tab" id=${id(each.id)} aria-selected=${each.id === chosen} aria-controls=${id("panel")} tabindex=${each.id === chosen ? 0 : -1} onClick=${() => onChoose(each.id)}>
              ${each.name}
            </button>
          `,
        )}
      </div>
      <div class="choices-panel" role="tabpanel" id=${id("panel")} aria-labelledby=${id(chosen)}>${children}</div>
    </div>
  `;
}
