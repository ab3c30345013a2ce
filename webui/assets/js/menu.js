// What opens at a button: menus and panels. They are the browser's popovers, so
// that a click elsewhere and Esc close them.

import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "./view.js";

/**
 * @typedef {object} Item
 * @property {import("preact").Child} label
 * @property {unknown} [icon]  a component
 * @property {() => unknown} run
 * @property {boolean} [danger]
 */

/**
 * A button and what it opens.
 * @param {object} props
 * @param {string} props.label        the button's name
 * @param {import("preact").Child} props.face  what is on it
 * @param {string} [props.class]      the button's
 * @param {string} [props.panel]      the panel's class
 * @param {"menu" | "dialog"} props.kind
 * @param {(close: () => void) => import("preact").Child} props.content
 */
export function Popup({ label, face, class: name = "button icon-only", panel = "", kind, content }) {
  const [open, setOpen] = useState(false);
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  return html`
    <button
      type="button"
      ref=${button}
      class=${name}
      title=${label}
      aria-label=${label}
      aria-haspopup=${kind}
      aria-expanded=${open ? "true" : "false"}
      onClick=${() => setOpen(!open)}
    >
      ${face}
    </button>
    ${open && html`<${Panel} label=${label} kind=${kind} class=${panel} button=${button} onClose=${() => setOpen(false)} content=${content} />`}
  `;
}

/**
 * @param {object} props
 * @param {string} props.label
 * @param {"menu" | "dialog"} props.kind
 * @param {string} props.class
 * @param {import("preact/hooks").Ref<HTMLElement | null>} props.button
 * @param {() => void} props.onClose
 * @param {(close: () => void) => import("preact").Child} props.content
 */
function Panel({ label, kind, class: name, button, onClose, content }) {
  const panel = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const [el, at] = [panel.current, button.current];
    if (!el || !at) return undefined;
    el.showPopover();
    place(el, at.getBoundingClientRect());
    const first = /** @type {HTMLElement | null} */ (el.querySelector(kind === "menu" ? "[role^=menuitem]" : "input:checked, input, button, a"));
    first?.focus();
    const onToggle = (/** @type {Event} */ e) => {
      if (/** @type {ToggleEvent} */ (e).newState === "closed") onClose();
    };
    const again = () => place(el, at.getBoundingClientRect());
    el.addEventListener("toggle", onToggle);
    addEventListener("resize", again);
    return () => {
      el.removeEventListener("toggle", onToggle);
      removeEventListener("resize", again);
      if (el.contains(document.activeElement) || document.activeElement === document.body) at.focus();
    };
  }, []);

  const onKeyDown = (/** @type {KeyboardEvent} */ e) => {
    if (e.key === "Escape" || (kind === "menu" && e.key === "Tab")) {
      e.stopPropagation();
      e.preventDefault();
      button.current?.focus();
      onClose();
    } else if (kind === "menu") {
      e.stopPropagation();
      walk(e, panel.current);
    }
  };
  const close = () => {
    button.current?.focus();
    onClose();
  };
  return html`
    <div ref=${panel} popover="auto" class=${`popover ${kind === "menu" ? "menu" : ""} ${name}`} role=${kind} aria-label=${label} onKeyDown=${onKeyDown}>
      ${content(close)}
    </div>
  `;
}

/**
 * Below the button, or above it where there is no room; inside the window.
 * @param {HTMLElement} el
 * @param {DOMRect} at
 */
function place(el, at) {
  const { offsetWidth: width, offsetHeight: height } = el;
  const gap = 6;
  const left = at.right - width < 8 ? at.left : at.right - width;
  const below = at.bottom + gap;
  const top = below + height > innerHeight - 8 && at.top - gap - height > 8 ? at.top - gap - height : below;
  el.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  el.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
}

/**
 * Arrow keys, Home, End and first letters walk through a menu (WAI-ARIA, menu
 * pattern).
 * @param {KeyboardEvent} e
 * @param {HTMLElement | null} menu
 */
function walk(e, menu) {
  const all = /** @type {HTMLElement[]} */ ([...(menu?.querySelectorAll("[role^=menuitem]") ?? [])]);
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const by = { ArrowDown: at + 1, ArrowUp: at - 1 + (at < 0 ? 1 : 0), Home: 0, End: -1 }[e.key];
  if (by !== undefined) {
    e.preventDefault();
    all.at(by % all.length)?.focus();
  } else if (e.key.length === 1 && e.key !== " " && !e.ctrlKey && !e.metaKey && !e.altKey) {
    const begins = (/** @type {HTMLElement} */ item) => item.innerText.trim().toLowerCase().startsWith(e.key.toLowerCase());
    (all.slice(at + 1).find(begins) ?? all.find(begins))?.focus();
  }
}

/**
 * A button with a menu.
 * @param {{label: string, face: import("preact").Child, class?: string, items: () => (Item | null)[]}} props
 *   null is a line between items
 */
export function Menu({ label, face, class: name, items }) {
  const content = (/** @type {() => void} */ close) =>
    items().map((item) => {
      if (!item) return html`<hr role="separator" />`;
      const run = () => {
        close();
        item.run();
      };
      return html`
        <button type="button" role="menuitem" tabindex="-1" class=${item.danger ? "danger" : ""} onClick=${run}>
          ${item.icon ? html`<${item.icon} />` : null}${item.label}
        </button>
      `;
    });
  return html`<${Popup} kind="menu" label=${label} face=${face} class=${name} content=${content} />`;
}
