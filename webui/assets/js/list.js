// The list of messages: a window on it that holds the rows in view and a few
// around them. All rows are alike in height, so that a place is a number.

import { computed, signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { focusOn, mark, remove, tag } from "./actions.js";
import { Problem } from "./api.js";
import { filters, Filters, Keep } from "./chips.js";
import { lang, t } from "./i18n.js";
import * as icons from "./icons.js";
import { onePane } from "./layout.js";
import { on, online } from "./live.js";
import * as mail from "./mail.js";
import { why } from "./mistake.js";
import { reason } from "./reason.js";
import { follow, href, route } from "./route.js";
import { Row } from "./row.js";
import { shown as saved } from "./saved.js";
import * as select from "./select.js";
import { html, lazily } from "./view.js";

const FirstSteps = lazily(async () => (await import("./setup.js")).FirstSteps);

/** @typedef {import("./api.js").Summary} Summary */

const overscan = 6; // rows above and below the view
const stride = 4; // rows that are drawn at a time
// Above it browsers do not draw: the scrollbar then moves by more than a pixel.
const tallest = 12_000_000; // CSS pixels

/** What is in view. */
const view = signal({ from: 0, to: 20 });
const rowHeight = signal(80); // CSS pixels
const height = signal(800); // of the view
/** The newest seq that was there when the top was last in view. */
const topSeen = signal(0);

const fullHeight = computed(() => mail.matching.value * rowHeight.value);
const drawnHeight = computed(() => Math.min(fullHeight.value, tallest));

/** How many came above what is read. */
const fresh = computed(() => (void mail.version.value, topSeen.value ? mail.position(topSeen.value) : 0));

export function List() {
  const { id } = route.value;
  const none = mail.shown.value !== "" && !mail.matching.value && !mail.open.value;
  const problem = mail.problem.value;
  const mistake = mail.mistake.value;
  return html`
    <section class="list" id="list" aria-label=${t("list.label")} aria-busy=${mail.loading.value ? "true" : "false"}>
      ${!mail.empty.value && (!id || !onePane.value) && html`<${Bar} />`}
      <p class="hidden" role="status">${arrivals.value > 0 && t("list.fresh", { n: arrivals.value })}</p>
      ${mistake ? html`<${Malformed} mistake=${mistake} />` : problem && (none || problem instanceof Problem) ? html`<${Failed} problem=${problem} />` : none ? html`<${None} />` : html`<${Rows} />`}
    </section>
  `;
}

const announceAfter = 1000; // ms: many at once are one announcement

/** How many have arrived a moment ago, for who hears the page. */
const arrivals = signal(0);
let arriving = 0;
on("stored", () => {
  if (!arriving++) {
    arrivals.value = 0;
    setTimeout(() => {
      arrivals.value = arriving;
      arriving = 0;
    }, announceAfter);
  }
});

/** What the list is, or what can be done with what is selected. */
function Bar() {
  const n = select.selected.value;
  const all = mail.matching.value;
  const { box, unseen, q } = route.value;
  const level = route.value.id ? "h2" : "h1"; // a message brings the page's heading
  const terms = filters();
  const title = q ? saved()?.name || t("list.found") : unseen ? t("list.unseen.title") : box || t("list.all");
  const onCheck = () => (n ? select.clear() : select.selectAll());
  return html`
    <header class=${n ? "list-bar selecting" : "list-bar"}>
      <label class="check" title=${n ? t("list.selectNone") : t("list.selectAll")}>
        <input type="checkbox" disabled=${!all} checked=${select.isAll.value} indeterminate=${n > 0 && !select.isAll.value} aria-label=${n ? t("list.selectNone") : t("list.selectAll")} onClick=${onCheck} />
      </label>
      ${n
        ? html`
            <${level} class="title" aria-live="polite" data-selected=${n}>${select.isAll.value && n > 1 ? t("list.selected.all", { n }) : t("list.selected", { n })}<//>
            <div class="list-actions" role="toolbar" aria-label=${t("list.actions")}>
              <${Action} icon=${icons.bin} label=${t("list.delete")} keys="#" danger run=${() => remove()} />
              <${Action} icon=${icons.seen} label=${t("list.markSeen")} keys="Shift+I" run=${() => mark(true)} />
              <${Action} icon=${icons.unread} label=${t("list.markUnseen")} keys="u" run=${() => mark(false)} />
              <${Action} icon=${icons.tag} label=${t("list.tag")} keys="l" run=${() => tag()} />
              <${Action} icon=${icons.close} label=${t("list.selectNone")} run=${select.clear} />
            </div>
          `
        : html`
            <${level} class=${terms.length ? "hidden" : "title"} dir="auto" title=${box || undefined}>${title}<//>
            ${terms.length > 0 && html`<${Filters} terms=${terms} />`}
            <${Keep} />
            ${mail.shown.value !== "" && html`<span class="count" aria-live="off">${mail.open.value && !all ? "…" : t(mail.open.value && (q || box || unseen) ? "list.count.more" : "list.count", { n: all })}</span>`}
          `}
    </header>
  `;
}

/** @param {{icon: unknown, label: string, keys?: string, danger?: boolean, run: () => unknown}} props */
const Action = ({ icon, label, keys, danger, run }) => html`
  <button type="button" class=${danger ? "button icon-only danger" : "button icon-only"} title=${keys ? `${label} (${keys})` : label} aria-label=${label} onClick=${run}><${icon} /></button>
`;

function Rows() {
  const pane = useRef(/** @type {HTMLElement | null} */ (null));
  const probe = useRef(/** @type {HTMLElement | null} */ (null));
  const anchor = useRef({ seq: 0, offset: 0, place: 0 });
  const of = useRef("");
  const version = mail.version.value;
  const shown = mail.shown.value;
  const rh = rowHeight.value;
  const full = fullHeight.value;
  const drawn = drawnHeight.value;

  /** How far the list is above what the scrollbar says, for each pixel of it. */
  const scale = () => (full > drawn ? (full - height.peek()) / Math.max(drawn - height.peek(), 1) : 1);

  const look = () => {
    const el = pane.current;
    if (!el) return;
    const top = el.scrollTop * scale();
    const first = Math.floor(top / rh);
    const from = Math.max(Math.floor((first - overscan) / stride) * stride, 0);
    const to = Math.min(Math.ceil((top + height.peek()) / rh / stride + overscan / stride) * stride, mail.matching.peek());
    const at = mail.row(first);
    anchor.current = { seq: at?.seq ?? 0, offset: top - first * rh, place: first };
    const old = view.peek();
    // With a scale the rows have to move with the scrollbar.
    if (old.from !== from || old.to !== to || full > drawn) view.value = { from, to };
    if (top < rh / 2) topSeen.value = mail.row(0)?.seq ?? 0;
    mail.look(from, to);
  };

  // What one reads does not move: rows that came or went above it push the view.
  useLayoutEffect(() => {
    const el = pane.current;
    if (!el) return;
    const { seq, offset, place } = anchor.current;
    if (of.current !== shown) {
      of.current = shown;
      topSeen.value = 0;
      el.scrollTop = 0;
      const { id } = route.peek();
      const open = id && mail.find(id);
      if (open) show(el, mail.position(open.seq));
    } else if (seq && el.scrollTop > rh / 2) {
      const now = mail.position(seq);
      if (now !== place) el.scrollTop = (now * rh + offset) / scale();
    }
    look();
  }, [version, shown, rh, full]);

  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => {
      height.value = pane.current?.clientHeight ?? 0;
      rowHeight.value = probe.current?.offsetHeight || rowHeight.peek();
      look();
    });
    if (pane.current) watch.observe(pane.current);
    if (probe.current) watch.observe(probe.current);
    return () => watch.disconnect();
  }, []);

  /**
   * Scrolls no further than it has to.
   * @param {HTMLElement} el
   * @param {number} place
   */
  const show = (el, place) => {
    const top = el.scrollTop * scale();
    const least = (place + 1) * rh - height.peek();
    if (place * rh < top) el.scrollTop = (place * rh) / scale();
    else if (least > top) el.scrollTop = least / scale();
  };

  const focused = focusOn.value;
  useLayoutEffect(() => {
    const el = pane.current;
    if (!el || !focused) return;
    show(el, mail.position(focused.seq));
    look();
  }, [focused]);
  useEffect(() => {
    if (!focused) return;
    /** @type {HTMLElement | null | undefined} */ (pane.current?.querySelector(`[data-seq="${focused.seq}"] .open`))?.focus({ preventScroll: true });
    if (focusOn.peek() === focused) focusOn.value = null;
  }, [focused]);

  const onScroll = () => look();
  const toTop = () => {
    pane.current?.scrollTo({ top: 0, behavior: "smooth" });
    // What was pressed goes away: the keyboard is at what is new.
    if (document.activeElement?.matches(".fresh")) focusOn.value = mail.row(0) ?? null;
  };
  return html`
    <${Fresh} toTop=${toTop} />
    <div class=${select.selected.value ? "rows selecting" : "rows"} ref=${pane} onScroll=${onScroll}>
      <div class="row-probe" ref=${probe} aria-hidden="true"></div>
      <div class="canvas" role="grid" aria-label=${t("list.label")} aria-rowcount=${mail.matching.value} aria-multiselectable="true" aria-busy=${shown === "" ? "true" : "false"} style=${`height: ${drawn}px`}>
        <${Window} offset=${() => (full > drawn && pane.current ? pane.current.scrollTop * (1 - scale()) : 0)} />
      </div>
      <${End} />
    </div>
  `;
}

/** @param {{toTop: () => void}} props */
function Fresh({ toTop }) {
  const n = fresh.value;
  return html`
    <div class="fresh-place" aria-live="polite">
      ${n > 0 && html`<button type="button" class="fresh" onClick=${toTop}><${icons.up} /> ${t("list.fresh", { n })}</button>`}
    </div>
  `;
}

/**
 * The rows in view. The one that the keyboard is at stays, so that the focus is
 * not lost.
 * @param {{offset: () => number}} props  how far rows are moved against their places
 */
function Window({ offset }) {
  void mail.version.value;
  void lang.value;
  const { from, to } = view.value;
  const { id, q, box } = route.value;
  const cursor = mail.cursor.value;
  const rh = rowHeight.value;
  const moved = offset();
  const end = Math.min(to, mail.matching.value);
  const keyboard = cursor && (mail.get(cursor.seq) ?? cursor);
  const place = keyboard ? mail.position(keyboard.seq) : -1;
  const inView = (/** @type {number} */ p) => p >= from && p < end;
  // Tab comes to the keyboard's row, or the first.
  const tabbable = place >= 0 ? place : inView(0) ? 0 : from;

  const row = (/** @type {Summary} */ m, /** @type {number} */ p) => html`
    <${Row}
      key=${m.seq}
      m=${m}
      position=${p}
      top=${p * rh + moved}
      q=${q}
      box=${box}
      open=${m.id === id}
      at=${cursor?.seq === m.seq}
      tabbable=${p === tabbable}
      selected=${select.isSelected(m)}
    />
  `;
  const drawn = [];
  if (keyboard && place < from && mail.matching.value) drawn.push(row(keyboard, place));
  for (let p = from; p < end; p++) {
    const m = mail.row(p);
    drawn.push(m ? row(m, p) : html`<div class="row waiting" role="row" key=${`at ${p}`} aria-rowindex=${p + 1} style=${`transform: translateY(${p * rh + moved}px)`}><span role="gridcell"><span class="hidden">${t("list.loading")}</span></span></div>`);
  }
  if (keyboard && place >= end && mail.get(keyboard.seq)) drawn.push(row(keyboard, place));
  return drawn;
}

/** What stands below the rows. */
function End() {
  const { q, box, unseen } = route.value;
  const n = mail.pruned.value;
  const text = mail.open.value ? (q || box || unseen ? t("list.counting") : "") : n && !q && !box && !unseen ? t("list.pruned", { n }) : "";
  return text && html`<p class="end">${text}</p>`;
}

/** There is nothing, and why. */
function None() {
  const { q, box, unseen } = route.value;
  const away = (/** @type {string} */ text, /** @type {Partial<import("./route.js").Route>} */ to) => html`<a class="button bordered" href=${href(to)} onClick=${follow(to)}>${text}</a>`;
  if (mail.empty.value && !box) return html`<div class="rows"><${FirstSteps} /></div>`;
  return html`
    <div class="rows none-here" tabindex="-1">
      <p class="none-title">${q ? t("list.none.found") : unseen ? t("list.none.unseen") : t("list.none.box")}</p>
      <p>${q ? t("list.none.found.why") : unseen ? t("list.none.unseen.why") : t("list.none.box.why", { box })}</p>
      <p>
        ${q ? away(t("list.none.clear"), { q: "", id: "" }) : null}
        ${q && (box || unseen) ? away(t("list.none.everywhere"), { box: "", unseen: false, id: "" }) : null}
        ${!q ? away(t("list.none.all"), { box: "", unseen: false, id: "" }) : null}
      </p>
    </div>
  `;
}

/** The search cannot be read: the field says where. @param {{mistake: import("./query.js").Mistake}} props */
const Malformed = ({ mistake }) => html`
  <div class="rows none-here">
    <p class="none-title">${t("list.refused")}</p>
    <p>${why(mistake)}</p>
    <p><${ClearSearch} /></p>
  </div>
`;

const ClearSearch = () => html`<a class="button bordered" href=${href({ q: "", id: "" })} onClick=${follow({ q: "", id: "" })}>${t("list.none.clear")}</a>`;

/** @param {{problem: Error}} props */
function Failed({ problem }) {
  const asked = problem instanceof Problem && problem.status < 500;
  const { q } = route.value;
  return html`
    <div class="rows none-here" role="alert">
      <p class="none-title">${asked ? t("list.refused") : t("list.failed")}</p>
      <p>${problem instanceof Problem ? reason(problem) : online.value ? t("list.failed.why") : t("list.offline.why")}</p>
      <p>
        ${asked && q ? html`<${ClearSearch} />` : html`<button type="button" class="button bordered" onClick=${mail.refresh}>${t("list.retry")}</button>`}
      </p>
    </div>
  `;
}
