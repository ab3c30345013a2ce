// What a message is made of: its attachments, and all of its parts.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { size } from "../format.js";
import { t } from "../i18n.js";
import * as icons from "../icons.js";
import { html } from "../view.js";
import { Copy } from "./copy.js";
import { file, out } from "./icons.js";
import { Preview, kindOf } from "./preview.js";

/**
 * @typedef {import("../api.js").Message} Message
 * @typedef {import("../api.js").Part} Part
 */

/** @param {{m: Message}} props */
export function Parts({ m }) {
  return html`
    <section aria-labelledby="attachments-title">
      <h2 id="attachments-title">${t("message.attachments")}</h2>
      ${m.attachments.length === 0 && html`<p class="quiet">${t("message.attachments.none")}</p>`}
      <ul class="files">
        ${m.attachments.map((a) => html`<${Attachment} key=${a.path} id=${m.id} a=${a} />`)}
      </ul>
    </section>
    <section aria-labelledby="tree-title">
      <h2 id="tree-title">${t("message.parts")}</h2>
      <${Tree} m=${m} />
    </section>
  `;
}

/** @param {{id: string, a: import("../api.js").Attachment}} props */
function Attachment({ id, a }) {
  const name = a.name || a.type;
  const kind = kindOf(a);
  return html`
    <li class="file" data-part=${a.path}>
      <header>
        <${file} />
        <span class="name" dir="auto">${name}</span>
        <span class="quiet">${a.type} · ${size(a.octets)}${a.inline && ` · ${t("message.parts.inline")}`}</span>
        <span class="do">
        ${opens(a.type) && html`<a class="button icon-only" href=${api.partViewURL(id, a.path)} target="_blank" rel="noopener" title=${t("message.parts.open.what", { what: name })} aria-label=${t("message.parts.open.what", { what: name })}><${out} /></a>`}
        <a class="button icon-only" href=${api.partURL(id, a.path)} download title=${t("message.parts.save.what", { what: name })} aria-label=${t("message.parts.save.what", { what: name })}><${icons.download} /></a>
        </span>
      </header>
      ${kind && html`<${Preview} id=${id} part=${a} kind=${kind} />`}
      <p class="digest quiet">${t("message.parts.sha")} <code>${a.sha256}</code> <${Copy} text=${a.sha256} what=${t("message.parts.sha")} /></p>
    </li>
  `;
}

/**
 * Whether a browser shows a part of this type, rather than saving it.
 * @param {string} type
 */
const opens = (type) => /^(image\/(png|jpeg|gif|webp|avif|bmp)|audio\/(mpeg|ogg|wav|mp4)|video\/(mp4|webm|ogg)|text\/plain)$/.test(type);

/** @param {{m: Message}} props */
function Tree({ m }) {
  /** @type {{part: Part, depth: number}[]} */
  const rows = [];
  const walk = (/** @type {Part} */ part, /** @type {number} */ depth) => {
    rows.push({ part, depth });
    for (const kid of part.parts) walk(kid, depth + 1);
  };
  for (const part of m.parts) walk(part, 0);
  const files = new Set(m.attachments.map((a) => a.path)); // these are shown above
  const largest = Math.max(1, ...rows.filter((r) => !r.part.parts.length).map((r) => r.part.octets));
  return html`
    <ul class="tree">
      ${rows.map(({ part, depth }) => html`<${Row} key=${part.path} id=${m.id} part=${part} depth=${depth} share=${part.octets / largest} opened=${kindOf(part) === "calendar" && !files.has(part.path)} />`)}
    </ul>
  `;
}

/** @param {{id: string, part: Part, depth: number, share: number, opened: boolean}} props */
function Row({ id, part, depth, share, opened }) {
  const kind = kindOf(part);
  const [open, setOpen] = useState(opened);
  const leaf = part.parts.length === 0;
  const what = part.name || `${part.type} ${part.path}`;
  const facts = [part.charset, part.encoding, part.disposition].filter(Boolean).join(" · ");
  return html`
    <li class=${leaf ? "node leaf" : "node"} style=${`--depth: ${depth}`} data-path=${part.path}>
      <div class="line">
        <span class="path">${part.path || "·"}</span>
        <span class="what">
          <code>${part.type}</code>${part.name && html` <b dir="auto">${part.name}</b>`}
          ${(facts || part.contentId) && html`<small class="quiet">${facts}${part.contentId && `${facts ? " · " : ""}cid:${part.contentId}`}</small>`}
        </span>
        <span class="octets">${leaf && html`<span class="share" style=${`--share: ${share}`}></span>`}${size(part.octets)}</span>
        <span class="do">
          ${leaf && kind && html`<button type="button" class="button small" aria-expanded=${open ? "true" : "false"} onClick=${() => setOpen(!open)} aria-label=${t("message.parts.look.what", { what })}>${open ? t("message.parts.hide") : t("message.parts.look")}</button>`}
          ${part.path && html`<a class="button icon-only" href=${api.partURL(id, part.path)} download title=${t("message.parts.save.what", { what })} aria-label=${t("message.parts.save.what", { what })}><${icons.download} /></a>`}
        </span>
      </div>
      ${open && html`<${Preview} id=${id} part=${part} kind=${kind} />`}
    </li>
  `;
}
