// How many panes there are, and how wide.

import { signal } from "@preact/signals";
import { setting } from "./settings.js";
import { html } from "./view.js";

/** @param {string} query */
function media(query) {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener("change", () => (matches.value = list.matches));
  return matches;
}

/** The mailboxes are in a drawer; css/layout.css says the same. */
export const drawer = media("(max-width: 1099px)");
/** One pane at a time. */
export const onePane = media("(max-width: 799px)");
/** The drawer is open. */
export const drawerOpen = signal(false);

/**
 * @typedef {object} Pane
 * @property {import("@preact/signals").Signal<number>} width in CSS pixels
 * @property {number} usual
 * @property {number} least
 * @property {number} most
 */

/** @type {(name: string, usual: number, least: number, most: number) => Pane} */
const pane = (name, usual, least, most) => ({
  width: setting(name, usual, (n) => Number.isFinite(n) && n >= least && n <= most),
  usual,
  least,
  most,
});

export const boxesPane = pane("boxes-width", 248, 180, 420);
export const listPane = pane("list-width", 392, 280, 720);

const pace = 16; // pixels for each press of an arrow key

/**
 * The line after a pane, to be moved by pointer and by keys (WAI-ARIA, window
 * splitter pattern).
 * @param {{pane: Pane, controls: string, label: string, class: string}} props
 */
export function Separator({ pane: { width, usual, least, most }, controls, label, class: name }) {
  const set = (/** @type {number} */ n) => (width.value = Math.round(Math.min(Math.max(n, least), most)));
  // The window may leave it less than it would have.
  const shown = () => document.getElementById(controls)?.offsetWidth ?? width.peek();

  const onPointerDown = (/** @type {PointerEvent} */ e) => {
    if (e.button !== 0) return;
    const line = /** @type {HTMLElement} */ (e.currentTarget);
    const offset = shown() - e.clientX;
    line.setPointerCapture(e.pointerId);
    line.classList.add("dragged");
    document.documentElement.classList.add("resizing");
    const move = (/** @type {PointerEvent} */ to) => set(to.clientX + offset);
    line.addEventListener("pointermove", move);
    line.addEventListener(
      "lostpointercapture",
      () => {
        line.removeEventListener("pointermove", move);
        line.classList.remove("dragged");
        document.documentElement.classList.remove("resizing");
      },
      { once: true },
    );
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ e) => {
    const to = { ArrowLeft: shown() - pace, ArrowRight: shown() + pace, Home: least, End: most, Enter: usual }[e.key];
    if (to === undefined || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    set(to);
  };
  return html`
    <div
      class=${`separator ${name}`}
      role="separator"
      tabindex="0"
      aria-orientation="vertical"
      aria-label=${label}
      aria-controls=${controls}
      aria-valuenow=${width.value}
      aria-valuemin=${least}
      aria-valuemax=${most}
      onPointerDown=${onPointerDown}
      onDblClick=${() => set(usual)}
      onKeyDown=${onKeyDown}
    ></div>
  `;
}
