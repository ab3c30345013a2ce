// The filters of the search that is shown, each to be turned round or taken
// away by itself.

import { useEffect, useRef } from "preact/hooks";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import { parse, replaceTerm, write } from "./query.js";
import { go, route } from "./route.js";
import { nameSearch, shown } from "./saved.js";
import { html } from "./view.js";

/** @typedef {import("./query.js").Term} Term */

/** Filters and the search's name; nothing, while nothing is searched for. */
export function Filters() {
  const { q, view } = route.value;
  const el = useRef(/** @type {HTMLElement | null} */ (null));
  const removed = useRef(-1);
  useEffect(() => {
    if (removed.current < 0) return;
    const left = el.current?.querySelectorAll(".remove") ?? [];
    const next = left[Math.min(removed.current, left.length - 1)] ?? document.getElementById("q");
    removed.current = -1;
    if (next instanceof HTMLElement) next.focus();
  });
  if (view !== "mail" || !q) return null;
  const { terms, mistake } = parse(q);
  const named = shown();
  return html`
    <div class="filters" ref=${el} role="group" aria-label=${t("search.filters")}>
      <ul>
        ${terms.filter((term) => term.field).map((term, n) => html`<${Chip} key=${n} term=${term} q=${q} onRemove=${() => (removed.current = n)} />`)}
      </ul>
      ${!mistake &&
      html`
        <button type="button" class=${named ? "keep named" : "keep"} onClick=${nameSearch} title=${named?.name ?? ""} aria-label=${named ? `${t("search.savedNow")}: ${named.name}. ${t("search.rename")}` : t("search.save")}>
          <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M7 4h10v16l-5-4.200L7 20z" /></svg>
          <span dir="auto">${named ? named.name : t("search.save")}</span>
        </button>
      `}
    </div>
  `;
}

/** @param {{term: Term, q: string, onRemove: () => void}} props */
function Chip({ term, q, onRemove }) {
  const plain = write({ ...term, neg: false });
  const set = (/** @type {string} */ by) => go({ q: replaceTerm(q, term, by), id: "", tab: "" });
  const remove = () => {
    onRemove();
    set("");
  };
  const [field, ...rest] = plain.split(":");
  return html`
    <li class=${term.neg ? "chip not" : "chip"} dir="auto">
      <button
        type="button"
        class="turn"
        aria-pressed=${String(term.neg)}
        aria-label=${t("search.exclude", { term: plain })}
        title=${t(term.neg ? "search.include" : "search.exclude", { term: plain })}
        onClick=${() => set(write({ ...term, neg: !term.neg }))}
      >
        ${term.neg && html`<span class="no">${t("search.not")}</span> `}<span class="name">${field}:</span>${rest.join(":")}
      </button>
      <button type="button" class="remove" aria-label=${t("search.remove", { term: plain })} title=${t("search.remove", { term: plain })} onClick=${remove}>
        <${icons.close} />
      </button>
    </li>
  `;
}
