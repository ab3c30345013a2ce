// What is in a part, without opening it elsewhere.

import { useEffect, useState } from "preact/hooks";
import * as api from "../api.js";
import { size } from "../format.js";
import { t } from "../i18n.js";
import { useReason } from "../reason.js";
import { html } from "../view.js";
import { Events } from "./event.js";

/**
 * @typedef {{path: string, type: string, name: string, octets: number}} Shown
 * @typedef {"image" | "audio" | "video" | "pdf" | "calendar" | "text" | ""} Kind
 */

const limit = 256 << 10; // octets of text

const texts = /^(text\/|message\/|application\/(json|xml|xhtml\+xml|javascript|ecmascript|x-ndjson|sql|toml|yaml|x-yaml|x-sh|pgp-|ics|.*\+(json|xml)$))/;

/**
 * How a part can be shown; "" when it cannot. SVG is an image: as one it runs
 * nothing and loads nothing.
 * @param {{type: string, name: string}} part
 * @returns {Kind}
 */
export function kindOf({ type, name }) {
  if (/^image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml)$/.test(type)) return "image";
  if (/^audio\/(mpeg|ogg|wav|mp4)$/.test(type)) return "audio";
  if (/^video\/(mp4|webm|ogg)$/.test(type)) return "video";
  if (type === "application/pdf") return "pdf";
  if (type === "text/calendar" || (type === "application/ics") || (/\.ics$/i.test(name) && type === "application/octet-stream")) return "calendar";
  return texts.test(type) ? "text" : "";
}

/** @param {{id: string, part: Shown, kind: Kind}} props */
export function Preview({ id, part, kind }) {
  const name = part.name || part.type;
  const label = t("message.parts.preview", { what: name });
  const src = api.partViewURL(id, part.path);
  switch (kind) {
    case "image":
      return html`<div class="picture"><img src=${src} alt=${label} loading="lazy" /></div>`;
    case "audio":
      return html`<audio controls preload="none" src=${src} aria-label=${label}></audio>`;
    case "video":
      return html`<video controls preload="none" src=${src} aria-label=${label}></video>`;
    case "pdf":
      return html`<${PDF} src=${`${src}?viewer=true`} label=${label} />`;
    case "calendar":
    case "text":
      return html`<${Words} id=${id} part=${part} kind=${kind} label=${label} />`;
  }
  return null;
}

/**
 * A PDF is shown by the browser's own viewer, when the reader says so.
 * @param {{src: string, label: string}} props
 */
function PDF({ src, label }) {
  const [open, setOpen] = useState(false);
  if (!open) return html`<button type="button" class="button bordered" onClick=${() => setOpen(true)}>${t("message.parts.pdf")}</button>`;
  return html`<iframe class="pdf" src=${src} title=${label} referrerpolicy="no-referrer"></iframe>`;
}

/**
 * The text of a part, or its beginning; null until it is there.
 * @param {string} id
 * @param {string} path
 */
export function useText(id, path) {
  const [text, setText] = useState(/** @type {string | null} */ (null));
  const [whole, setWhole] = useState(true);
  const { problem, tries, fail } = useReason();
  useEffect(() => {
    const stop = new AbortController();
    read(id, path, stop.signal).then(
      (got) => {
        setText(got.text);
        setWhole(got.whole);
      },
      (e) => stop.signal.aborted || fail(e),
    );
    return () => stop.abort();
  }, [id, path, tries]);
  return { text, whole, problem };
}

/** @param {{id: string, part: Shown, kind: Kind, label: string}} props */
function Words({ id, part, kind, label }) {
  const { text, whole, problem } = useText(id, part.path);
  if (problem) return html`<p class="quiet">${problem}</p>`;
  if (text === null) return html`<p class="quiet" aria-busy="true"></p>`;
  if (kind === "calendar") return html`<${Events} text=${text} />`;
  return html`
    <pre class="peek" tabindex="0" aria-label=${label} dir="auto">${text}</pre>
    ${!whole && html`<p class="quiet">${t("message.parts.cut", { size: size(limit) })}</p>`}
  `;
}

/**
 * @param {string} id
 * @param {string} path
 * @param {AbortSignal} signal
 */
async function read(id, path, signal) {
  const all = api.pieces(api.partViewURL(id, path), limit, signal);
  let text = "";
  for (;;) {
    const { done, value } = await all.next();
    if (done) return { text, whole: value };
    text += value;
  }
}
