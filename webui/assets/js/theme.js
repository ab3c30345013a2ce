// Light or dark: the system's choice, unless the reader makes another. boot.js
// applies it before anything is shown.

import { effect, signal } from "@preact/signals";
import { setting } from "./settings.js";

/** @typedef {"system" | "light" | "dark"} Theme */

/** @type {readonly Theme[]} */
export const themes = ["system", "light", "dark"];

export const theme = setting("theme", /** @type {Theme} */ ("system"), (value) => themes.includes(value));

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", () => (systemDark.value = system.matches));

/** What is shown now. */
const isDark = () => (theme.value === "system" ? systemDark.value : theme.value === "dark");

/** Changes to the other one; back at what the system has, the system decides again. */
export function otherTheme() {
  const dark = !isDark();
  theme.value = dark === systemDark.peek() ? "system" : dark ? "dark" : "light";
}

effect(() => {
  const root = document.documentElement;
  if (theme.value === "system") delete root.dataset.theme;
  else root.dataset.theme = theme.value;
  isDark(); // for its sake this runs again
  const paper = getComputedStyle(root).backgroundColor; // also the bar of a phone's browser
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) meta.setAttribute("content", paper);
});
