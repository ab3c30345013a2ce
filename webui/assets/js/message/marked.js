// Text with its web addresses as links, and what a search found marked.

import { highlight } from "../highlight.js";
import { html } from "../view.js";
import { Out } from "./link.js";

const address = /((?:https?:\/\/|mailto:)[^\s<>"']*[^\s<>"'.,;:!?)\]}])/i;

/** @type {string[]} */
const nothing = [];

/** @param {{text: string, found?: string[]}} props */
export function Marked({ text, found = nothing }) {
  if (!text.includes(":")) return highlight(text, found);
  return text.split(address).map((piece, i) => (i % 2 ? html`<${Out} key=${i} href=${piece}>${highlight(piece, found)}<//>` : highlight(piece, found)));
}
