// The header of a message.

import { useState } from "preact/hooks";
import { setting } from "../settings.js";
import { t } from "../i18n.js";
import { html } from "../view.js";

/**
 * @typedef {import("../api.js").Message} Message
 * @typedef {import("../api.js").Field} Field
 */

const raw = setting("headersRaw", false);

/** @param {{m: Message}} props */
export function Headers({ m }) {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const value = (/** @type {Field} */ f) => (raw.value ? f.raw.slice(f.name.length).replace(/^\s*:[ \t]?/, "").replace(/\r?\n$/, "") : f.value);
  const matching = (/** @type {Field[]} */ fields) => fields.filter((f) => !wanted || `${f.name}: ${value(f)}`.toLowerCase().includes(wanted));
  const own = matching(m.headers);
  const trace = matching(m.trace);
  return html`
    <div class="toolrow">
      <input type="search" class="field filter" value=${filter} onInput=${(/** @type {any} */ e) => setFilter(e.target.value)} placeholder=${t("message.headers.filter")} aria-label=${t("message.headers.filter")} />
      <label class="switch">
        <input type="checkbox" role="switch" checked=${raw.value} onChange=${() => (raw.value = !raw.value)} />
        ${t("message.headers.raw")}
      </label>
    </div>
    ${own.length + trace.length === 0 && html`<p class="quiet" role="status">${t("message.headers.none")}</p>`}
    <table class=${raw.value ? "headers raw" : "headers"}>
      <caption class="hidden">${t("message.headers")}</caption>
      <tbody>${own.map((f, i) => html`<${Row} key=${i} name=${f.name} value=${value(f)} wanted=${wanted} />`)}</tbody>
      ${trace.length > 0 &&
      html`
        <tbody class="trace">
          <tr><th colspan="2" scope="rowgroup">${t("message.headers.trace")}</th></tr>
          ${trace.map((f, i) => html`<${Row} key=${i} name=${f.name} value=${value(f)} wanted=${wanted} />`)}
        </tbody>
      `}
    </table>
  `;
}

/** @param {{name: string, value: string, wanted: string}} props */
function Row({ name, value, wanted }) {
  return html`
    <tr>
      <th scope="row">${name ? found(name, wanted) : html`<i>${t("message.headers.nofield")}</i>`}</th>
      <td dir="auto">${found(value, wanted)}</td>
    </tr>
  `;
}

/**
 * @param {string} text
 * @param {string} wanted in lower case
 */
function found(text, wanted) {
  const at = wanted ? text.toLowerCase().indexOf(wanted) : -1;
  if (at < 0) return text;
  const end = at + wanted.length;
  return html`${text.slice(0, at)}<mark>${text.slice(at, end)}</mark>${text.slice(end)}`;
}
