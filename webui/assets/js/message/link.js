// A link out of a message.

import { t } from "../i18n.js";
import * as icons from "../icons.js";
import { html } from "../view.js";
import { differs, safe } from "./address.js";

/** @param {{href: string, class?: string, title?: string, children?: import("preact").Child}} props */
export function Out({ href, class: more = "", title = href, children }) {
  if (!safe(href)) return html`<span class=${more} title=${title} dir="auto">${children}</span>`;
  return html`<a class=${more} href=${href} title=${title} target="_blank" rel="noopener noreferrer" dir="auto">${children}</a>`;
}

/** @param {{link: {href: string, text: string}}} props */
export function Differs({ link }) {
  const d = differs(link);
  if (!d) return null;
  return html`<p class="warn"><${icons.warning} /><span>${t("message.links.differ", d)}</span></p>`;
}
