// A message as it was sent.

import { useEffect, useState } from "preact/hooks";
import * as api from "../api.js";
import { size } from "../format.js";
import { t, tt } from "../i18n.js";
import { useReason } from "../reason.js";
import { html } from "../view.js";
import { Copy } from "./copy.js";
import { Scanner } from "./octets.js";

/** @typedef {import("../api.js").Message} Message */

const limit = 16 << 20; // octets that are shown
const copied = 1 << 20; // octets that may be copied at once
const step = 1 << 20; // octets between two renderings

/** @param {{m: Message}} props */
export function Source({ m }) {
  const [read, setRead] = useState(/** @type {{chunks: readonly import("./octets.js").Segment[][], whole: boolean, done: boolean}} */ ({ chunks: [], whole: true, done: false }));
  const { problem, tries, fail } = useReason();
  useEffect(() => {
    const stop = new AbortController();
    readAll(m.id, stop.signal, setRead).catch((e) => stop.signal.aborted || fail(e));
    return () => stop.abort();
  }, [m.id, tries]);

  if (problem) return html`<p class="quiet">${problem}</p>`;
  const link = html`<a href=${api.rawURL(m.id)} download>${t("message.source.cut.link")}</a>`;
  return html`
    ${read.done && m.size <= copied && html`<div class="toolrow end"><${Copy} text=${read.chunks.flat().map((s) => s[1]).join("")} what=${t("message.source")} /></div>`}
    <pre class="source" role="region" aria-label=${t("message.source")} aria-busy=${read.done ? "false" : "true"}>${read.chunks.map((chunk, i) => html`<${Chunk} key=${i} chunk=${chunk} />`)}</pre>
    ${!read.whole && html`<p class="quiet">${tt("message.source.cut", { size: size(limit), all: size(m.size), link })}</p>`}
  `;
}

/**
 * @param {string} id
 * @param {AbortSignal} signal
 * @param {(read: {chunks: readonly import("./octets.js").Segment[][], whole: boolean, done: boolean}) => void} show
 */
async function readAll(id, signal, show) {
  const scanner = new Scanner();
  const all = api.pieces(api.rawURL(id), limit, signal);
  let since = step; // the first piece is shown at once
  for (;;) {
    const { done, value } = await all.next();
    if (done) {
      scanner.end();
      show({ chunks: scanner.chunks.slice(), whole: value, done: true });
      return;
    }
    scanner.feed(value);
    since += value.length;
    if (since < step) continue;
    since = 0;
    show({ chunks: scanner.chunks.slice(), whole: true, done: false });
    await new Promise((resume) => setTimeout(resume));
  }
}

/** @param {{chunk: import("./octets.js").Segment[]}} props */
function Chunk({ chunk }) {
  return html`<div class="chunk">${chunk.map(([kind, text], i) => (kind ? html`<span key=${i} class=${kind}>${text}</span>` : text))}</div>`;
}
