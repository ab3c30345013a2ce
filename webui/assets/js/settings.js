// What the page remembers in this browser.

import { effect, signal } from "@preact/signals";

const prefix = "restante.";

/** @type {Map<string, {read: () => void}>} */
const kept = new Map();

/**
 * A signal that is kept in this browser, and the same in all of its tabs. Where
 * storage is blocked it lasts as long as the page.
 * @template T
 * @param {string} name
 * @param {T} initial
 * @param {(value: any) => boolean} [valid] what else may be stored is taken for initial;
 *   left out, a value must be of the type of initial
 * @returns {import("@preact/signals").Signal<T>}
 */
export function setting(name, initial, valid = (value) => sameType(value, initial)) {
  const read = () => {
    try {
      const text = localStorage.getItem(prefix + name);
      const value = text === null ? initial : JSON.parse(text);
      return valid(value) ? value : initial;
    } catch {
      return initial; // blocked, or not JSON
    }
  };
  const value = signal(/** @type {T} */ (read()));
  let stored = value.peek();
  kept.set(prefix + name, { read: () => (value.value = stored = read()) });
  effect(() => {
    const now = value.value;
    if (now === stored) return;
    stored = now;
    try {
      if (now === initial) localStorage.removeItem(prefix + name);
      else localStorage.setItem(prefix + name, JSON.stringify(now));
    } catch {
      // Blocked or full: it is forgotten with the page.
    }
  });
  return value;
}

/**
 * @param {unknown} a
 * @param {unknown} b
 */
const sameType = (a, b) => typeof a === typeof b && Array.isArray(a) === Array.isArray(b) && (a === null) === (b === null);

// Another tab changed it.
addEventListener("storage", (e) => {
  if (e.storageArea !== safeStorage()) return;
  if (e.key === null) for (const k of kept.values()) k.read();
  else kept.get(e.key)?.read();
});

function safeStorage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
