// From a key to its command.

import { commands, possible } from "./command.js";

const patience = 1000; // ms between the two keys of a sequence

/** The first key of a sequence, while the second is waited for. */
let pending = "";
let timer = 0;

export function listen() {
  addEventListener("keydown", onKey);
  addEventListener("blur", forget);
}

/** @param {KeyboardEvent} e */
function onKey(e) {
  if (e.defaultPrevented || e.isComposing || /^(Shift|Control|Alt|AltGraph|Meta|CapsLock)$/.test(e.key)) return;
  const at = e.composedPath()[0];
  const first = pending;
  forget();
  if (!(at instanceof Element) || document.querySelector("dialog:modal")) return;
  const typing = isTyping(at);
  if (typing && e.key === "Escape" && at instanceof HTMLElement) {
    at.blur();
    e.preventDefault();
    return;
  }
  for (const chord of chordsOf(e)) {
    if (typing && !chord.startsWith("Mod+")) continue;
    if (e.repeat && !held.test(chord)) continue;
    if (activates(at, chord)) continue;
    if (take(e, first ? `${first} ${chord}` : chord)) return;
  }
}

/**
 * @param {KeyboardEvent} e
 * @param {string} keys what was pressed, with the first key of a sequence
 */
function take(e, keys) {
  let leads = false;
  for (const c of commands.peek()) {
    if (!c.keys || !possible(c)) continue;
    if (c.keys.includes(keys) && c.run(e) !== false) {
      e.preventDefault();
      return true;
    }
    leads ||= c.keys.some((k) => k.startsWith(`${keys} `));
  }
  if (leads) {
    pending = keys;
    timer = setTimeout(forget, patience);
    e.preventDefault();
  }
  return leads;
}

function forget() {
  clearTimeout(timer);
  pending = "";
}

/** Keys that move go on while they are held down; nothing else is done twice. */
const held = /^(Shift\+)?(j|k|Arrow\w+)$/;

/**
 * What an event may mean, the likeliest first. Letters are "j" and "Shift+j"
 * whatever CapsLock says; signs are themselves, with Shift or not, because
 * keyboards disagree about where they are.
 * @param {KeyboardEvent} e
 */
function chordsOf(e) {
  const graph = e.getModifierState("AltGraph");
  const mod = (e.ctrlKey || e.metaKey) && !graph;
  const sign = e.key.length === 1 && !/\p{L}/u.test(e.key);
  if (e.altKey && !graph && (mod || !sign)) return []; // Option+3 is "#" on a Mac, Alt+D the browser's
  const shift = e.shiftKey ? "Shift+" : "";
  const before = mod ? "Mod+" : "";
  if (sign) {
    const found = [before + plain(e.key)];
    // Where digits need Shift (AZERTY), they are meant without it, too.
    if (!e.shiftKey && !e.altKey && /^Digit\d$/.test(e.code)) found.push(before + e.code.slice(5));
    return found;
  }
  const key = /^[a-z]$/i.test(e.key) ? e.key.toLowerCase() : letterAt(e) || e.key;
  return [before + shift + key];
}

/**
 * The Latin letter on a key that gives another script's, or an input method's.
 * @param {KeyboardEvent} e
 */
const letterAt = (e) => ((e.key.length === 1 || e.key === "Process") && /^Key([A-Z])$/.exec(e.code)?.[1].toLowerCase()) || "";

/**
 * A sign as it is on a Latin keyboard: Chinese punctuation is typed with the
 * same keys.
 * @param {string} sign
 */
function plain(sign) {
  const named = { "、": "/", "【": "[", "】": "]" }[sign];
  if (named) return named;
  const code = sign.charCodeAt(0);
  return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : sign;
}

/**
 * Something is typed or chosen with letters there.
 * @param {Element} at
 */
const isTyping = (at) =>
  (at instanceof HTMLElement && at.isContentEditable) ||
  at.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset], [type=file]), textarea, select") ||
  at.closest("[role=menu]") !== null;

/**
 * Whether the key works what has the focus.
 * @param {Element} at
 * @param {string} chord
 */
const activates = (at, chord) =>
  (chord === "Enter" && at.closest("a[href], button, summary, [role=button], [role=tab]") !== null) ||
  (chord.includes("Arrow") && at.matches("input[type=radio]")) ||
  (chord === " " && at.closest("button, summary, input, [role=button], [role=tab]") !== null);
