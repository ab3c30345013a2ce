// The views of a message: HTML, text, headers, source.

import { useEffect, useState } from "preact/hooks";
import * as api from "./api.js";
import { plural, size } from "./format.js";
import { html } from "./view.js";

/** @typedef {import("./api.js").Message} Message */

/** @param {{m: Message}} props */
export function HTML({ m }) {
  const [remote, setRemote] = useState(false);
  const n = m.remote.length;
  // No allow-scripts and no allow-same-origin: the answer's own policy says
  // the same, also when it is opened in a tab.
  return html`
    ${n > 0 &&
    html`
      <div class="remote">
        <span>${plural(n, "remote resource", "remote resources")} ${remote ? "allowed" : "blocked"}</span>
        <label class="switch">
          <input type="checkbox" role="switch" checked=${remote} onChange=${() => setRemote(!remote)} />
          Load remote content
        </label>
      </div>
    `}
    <iframe
      key=${remote}
      title="The message as HTML"
      sandbox="allow-popups allow-popups-to-escape-sandbox"
      referrerpolicy="no-referrer"
      src=${api.htmlURL(m.id, remote)}
    ></iframe>
  `;
}

/** @param {{m: Message}} props */
export function Text({ m }) {
  if (!m.text) return html`<p class="quiet">${m.html ? "The message has no text part: who reads plain text sees nothing." : "The message is empty."}</p>`;
  return html`<pre class="text" dir="auto">${linked(m.text)}</pre>`;
}

/**
 * Makes web addresses in text into links.
 * @param {string} text
 */
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/).map((piece, i) =>
    i % 2 ? html`<a href=${piece} target="_blank" rel="noopener noreferrer">${piece}</a>` : piece,
  );
}

/** @param {{m: Message}} props */
export function Headers({ m }) {
  const [raw, setRaw] = useState(false);
  const rows = (/** @type {import("./api.js").Field[]} */ fields) =>
    fields.map(
      (f, i) => html`
        <tr key=${i}>
          <th scope="row">${f.name || "—"}</th>
          <td dir="auto">${raw ? f.raw.slice(f.name.length).replace(/^\s*:[ \t]?/, "") : f.value}</td>
        </tr>
      `,
    );
  return html`
    <label class="switch">
      <input type="checkbox" role="switch" checked=${raw} onChange=${() => setRaw(!raw)} />
      As sent
    </label>
    <table class=${raw ? "headers raw" : "headers"}>
      <caption class="hidden">Header fields</caption>
      <tbody>${rows(m.headers)}</tbody>
      <tbody class="trace">
        <tr><th colspan="2" scope="rowgroup">Added at delivery; POP3 clients see these first</th></tr>
        ${rows(m.trace)}
      </tbody>
    </table>
  `;
}

const shownSource = 1 << 20; // octets

/** @param {{m: Message}} props */
export function Source({ m }) {
  const [source, setSource] = useState(/** @type {{text: string, whole: boolean} | null} */ (null));
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    api.source(m.id, shownSource, stop.signal).then(setSource, (e) => stop.signal.aborted || setProblem(e.message));
    return () => stop.abort();
  }, [m.id]);
  if (problem) return html`<p class="quiet">${problem}</p>`;
  if (!source) return null;
  return html`
    <pre class="source" tabindex="0">${source.text}</pre>
    ${!source.whole && html`<p class="quiet">This is the first ${size(shownSource)} of ${size(m.size)}. <a href=${api.rawURL(m.id)} download>Download all of it</a>.</p>`}
  `;
}
