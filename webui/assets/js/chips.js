// The search that is shown, in the list's bar: its filters, each to be turned
// round or taken away by itself, and its name.

import { useEffect, useRef } from "preact/hooks";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import { parse, replaceTerm, write } from "./query.js";
import { go, route } from "./route.js";
import { nameSearch, shown } from "./saved.js";
import { html } from "./view.js";

/** @typedef {import("./query.js").Term} Term */

/** The filters of the search that is shown; there may be none. */
export const filters = () => parse(route.value.q).terms.filter((term) => term.field);

/** A wheel that turns up and down scrolls what goes sideways. */
function sideways(/** @type {WheelEvent} */ e) {
  /** @type {HTMLElement} */ (e.currentTarget).scrollLeft += e.deltaY;
}

/** @param {{terms: Term[]}} props */
export function Filters({ terms }) {
  const { q } = route.value;
  const el = useRef(/** @type {HTMLElement | null} */ (null));
  const removed = useRef(-1);
  useEffect(() => {
    if (removed.current < 0) return;
    /** @type {NodeListOf<HTMLElement> | undefined} */ (el.current?.querySelectorAll(".remove"))?.[Math.min(removed.current, terms.length - 1)]?.focus();
    removed.current = -1;
  });
  const onRemove = (/** @type {number} */ n) => {
    if (terms.length > 1) removed.current = n;
    else document.getElementById("q")?.focus(); // no filter is left to go on to
  };
  return html`
    <ul class="filters" ref=${el} aria-label=${t("search.filters")} onWheel=${sideways}>
      ${terms.map((term, n) => html`<${Chip} key=${n} term=${term} q=${q} onRemove=${() => onRemove(n)} />`)}
    </ul>
  `;
}

/** Keeps the search that is shown by a name; nothing, while nothing is searched for. */
export function Keep() {
  const { q } = route.value;
  if (!q || parse(q).mistake) return null;
  const named = shown();
  return html`
    <button
      type="button"
      class=${named ? "button icon-only keep named" : "button icon-only keep"}
      onClick=${nameSearch}
      title=${named ? t("search.rename") : t("search.save")}
      aria-label=${named ? `${t("search.savedNow")}: ${named.name}. ${t("search.rename")}` : t("search.save")}
    >
      <${icons.bookmark} />
    </button>
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
