// What the page can do, once each: keys.js runs it from the keyboard,
// palette.js by name, help.js prints it.

import { signal } from "@preact/signals";

/**
 * @typedef {object} Command
 * @property {string} id
 * @property {() => string} title  what it does, as an imperative
 * @property {() => string} group  under which the help sheet lists it
 * @property {string[]} [keys]  each is a chord or two: "j", "#", "Shift+j", "ArrowDown", "Mod+k", "g i"
 * @property {() => boolean} [when]  it can be done now; always, if left out
 * @property {(e?: Event) => unknown} run  false from a key: not taken, the browser may have it
 * @property {boolean} [hidden]  only a key for it: not in the palette, nor on the help sheet
 */

/** All commands in the order in which they were registered. */
export const commands = signal(/** @type {readonly Command[]} */ ([]));

/**
 * Registers a command, instead of an earlier one of this id.
 * @param {Command} c
 * @returns {() => void} takes it away again
 */
export function command(c) {
  const all = commands.peek();
  const at = all.findIndex((other) => other.id === c.id);
  commands.value = at < 0 ? [...all, c] : all.with(at, c);
  return () => {
    commands.value = commands.peek().filter((other) => other !== c);
  };
}

/** @param {Command} c */
export const possible = (c) => c.when?.() ?? true;

/** @param {string} id */
export function run(id) {
  const c = commands.peek().find((each) => each.id === id);
  if (c && possible(c)) c.run();
}

const apple = /^(Mac|iP)/.test(navigator.platform);

/** @type {Record<string, string>} */
const names = {
  Mod: apple ? "⌘" : "Ctrl",
  Shift: apple ? "⇧" : "Shift",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  Enter: apple ? "↩" : "Enter",
};

/**
 * The caps to press for a chord, as they are printed: Shift and J.
 * @param {string} chord
 */
export const caps = (chord) => {
  const parts = chord.split("+");
  return parts.map((part) => names[part] ?? (parts.length > 1 ? part.toUpperCase() : part));
};

/**
 * The value of aria-keyshortcuts for what does the same as a command. A
 * sequence cannot be said there.
 * @param {string} id
 */
export function ariaKeys(id) {
  const keys = commands.value.find((c) => c.id === id)?.keys?.filter((k) => !k.includes(" "));
  return keys?.length ? keys.join(" ").replaceAll("Mod+", apple ? "Meta+" : "Control+") : undefined;
}
