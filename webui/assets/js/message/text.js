// The text of a message.

import { useEffect, useMemo, useState } from "preact/hooks";
import { terms } from "../highlight.js";
import { t } from "../i18n.js";
import { route } from "../route.js";
import { html } from "../view.js";
import { Marked } from "./marked.js";

/** @typedef {import("../api.js").Message} Message */

const chunkLines = 120; // so many lines are laid out together
const chunkSize = 16_000; // characters; a longer line is cut
const atOnce = 12; // chunks that are shown at first; the rest comes while the page has nothing to do

/** @param {{m: Message}} props */
export function Text({ m }) {
  const chunks = useMemo(() => chunksOf(m.text), [m.text]);
  const shown = useGrowing(chunks.length);
  const { q } = route.value;
  const found = useMemo(() => terms(q, "body"), [q]);
  if (!m.text.trim()) return html`<p class="quiet">${m.html ? t("message.text.none") : t("message.text.empty")}</p>`;
  return html`
    <div class="text" dir="auto" data-chunks=${chunks.length}>
      ${chunks.slice(0, shown).map((chunk, i) => html`<${Chunk} key=${i} text=${chunk} found=${found} />`)}
    </div>
    ${m.textTruncated && html`<p class="quiet">${t("message.text.truncated")}</p>`}
  `;
}

/**
 * A number that grows to all in steps, and leaves the page time between them.
 * @param {number} all
 */
function useGrowing(all) {
  const [n, setN] = useState(atOnce);
  useEffect(() => {
    if (n >= all) return undefined;
    const timer = setTimeout(() => setN(n * 2), 20);
    return () => clearTimeout(timer);
  }, [n, all]);
  return Math.min(n, all);
}

/**
 * Cuts text into pieces of whole lines.
 * @param {string} text
 */
function chunksOf(text) {
  const chunks = [];
  for (let at = 0; at < text.length; ) {
    let end = at;
    for (let n = 0; n < chunkLines && end < text.length && end - at < chunkSize; n++) {
      const next = text.indexOf("\n", end);
      end = next < 0 ? text.length : next + 1;
    }
    if (end - at > 2 * chunkSize) end = wholeCharacter(text, at + chunkSize);
    chunks.push(text.slice(at, end));
    at = end;
  }
  return chunks;
}

/**
 * @param {string} text
 * @param {number} at
 */
const wholeCharacter = (text, at) => (/[\uD800-\uDBFF]/.test(text[at - 1]) ? at + 1 : at);

/** @param {{text: string, found: string[]}} props */
function Chunk({ text, found }) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return html`
    <div class="chunk">
      ${blocks.map((b, i) =>
        b.depth ? html`<blockquote key=${i} class=${`quoted q${Math.min(b.depth, 3)}`}><${Marked} text=${b.text} found=${found} /></blockquote>` : html`<div key=${i} class=${b.signature ? "signature" : ""}><${Marked} text=${b.text} found=${found} /></div>`,
      )}
    </div>
  `;
}

/**
 * Runs of lines that are quoted equally deep, and the signature (RFC 3676 §4.3).
 * @param {string} text
 */
function blocksOf(text) {
  /** @type {{depth: number, signature: boolean, text: string}[]} */
  const blocks = [];
  let signature = false;
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const depth = /^(?:> ?)*/.exec(line)?.[0].replaceAll(" ", "").length ?? 0;
    signature = line === "-- " || (signature && !depth);
    const last = blocks.at(-1);
    if (last && last.depth === depth && last.signature === signature) last.text += `\n${line}`;
    else blocks.push({ depth, signature, text: line });
  }
  return blocks;
}
