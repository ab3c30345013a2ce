// Searches that are kept by name, and those made lately.

import { effect, signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { command } from "./command.js";
import { Dialog } from "./dialog.js";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import { drawerOpen } from "./layout.js";
import { parse } from "./query.js";
import { follow, go, href, route } from "./route.js";
import { setting } from "./settings.js";
import { html } from "./view.js";

/** @typedef {{name: string, q: string, box: string}} SavedSearch  box is "" for all mail */

const keep = 8; // recent ones

const texts = (/** @type {unknown} */ all) => Array.isArray(all) && all.every((q) => typeof q === "string");
const searches = (/** @type {unknown} */ all) =>
  Array.isArray(all) && all.every((s) => s && texts([s.name, s.q, s.box]));

export const saved = setting("searches", /** @type {SavedSearch[]} */ ([]), searches);
export const recent = setting("recent-searches", /** @type {string[]} */ ([]), texts);

/** What is being given a name. */
const naming = signal(/** @type {SavedSearch | null} */ (null));

/**
 * Remembers a search that was meant, not one on the way to it.
 * @param {string} q
 */
export function remember(q) {
  const text = q.trim();
  if (!text || parse(text).mistake || recent.peek()[0] === text) return;
  recent.value = [text, ...recent.peek().filter((r) => r !== text)].slice(0, keep);
}

// A message was opened: it was what was searched for.
effect(() => {
  const { q, id } = route.value;
  if (q && id) remember(q);
});

/**
 * @param {SavedSearch} a
 * @param {{q: string, box: string}} b
 */
const same = (a, b) => a.q === b.q && a.box === b.box;

/** The saved search that is shown, if one is. */
export const shown = () => saved.value.find((s) => same(s, route.value));

/** Asks under which name the search that is shown is to be kept. */
export function nameSearch() {
  const { q, box } = route.peek();
  naming.value = saved.peek().find((s) => same(s, { q, box })) ?? { name: "", q, box };
}

/** @param {SavedSearch} s */
const open = (s) => ({ view: /** @type {const} */ ("mail"), q: s.q, box: s.box, unseen: false, id: "", tab: "" });

/** @param {SavedSearch} s */
const chosen = (s) => (/** @type {MouseEvent} */ e) => {
  follow(open(s))(e);
  if (e.defaultPrevented) drawerOpen.value = false;
};

/** @param {SavedSearch} s */
export const goTo = (s) => go(open(s));

/** Saved searches as a part of the mailboxes' pane; nothing, while there are none. */
export function Saved() {
  if (!saved.value.length) return null;
  const current = route.value.view === "mail" ? shown() : undefined;
  return html`
    <section class="saved" aria-labelledby="saved-title">
      <h2 id="saved-title" class="boxes-head">${t("search.saved")}</h2>
      <ul>
        ${saved.value.map(
          (s) => html`
            <li key=${`${s.box} ${s.q}`}>
              <a class="box" href=${href(open(s))} onClick=${chosen(s)} aria-current=${s === current ? "page" : undefined} title=${[s.box, s.q].filter(Boolean).join(" ")}>
                <${icons.search} /><span class="name" dir="auto">${s.name}</span>
              </a>
              <button type="button" class="button icon-only forget" aria-label=${t("search.forget", { name: s.name })} title=${t("search.forget", { name: s.name })} onClick=${() => forget(s)}>
                <${icons.close} />
              </button>
            </li>
          `,
        )}
      </ul>
    </section>
  `;
}

/** @param {SavedSearch} s */
function forget(s) {
  saved.value = saved.peek().filter((other) => !same(other, s));
}

/** The dialog that asks for a name; where the search is. */
export function Naming() {
  return naming.value && html`<${NameDialog} search=${naming.value} />`;
}

/** @param {{search: SavedSearch}} props */
function NameDialog({ search }) {
  const [name, setName] = useState(search.name || search.q);
  const close = () => (naming.value = null);
  const onSubmit = (/** @type {Event} */ e) => {
    e.preventDefault();
    const kept = { ...search, name: name.trim() || search.q };
    const all = saved.peek();
    const at = all.findIndex((s) => same(s, search));
    saved.value = at < 0 ? [...all, kept] : all.with(at, kept);
    close();
  };
  return html`
    <${Dialog} title=${t("search.save")} onClose=${close} class="naming">
      <form onSubmit=${onSubmit}>
        <div class="dialog-body">
          <p class="of"><code dir="auto">${[search.box, search.q].filter(Boolean).join(" ")}</code></p>
          <label>
            ${t("search.name")}
            <input class="field" autofocus required maxlength="60" value=${name} onFocus=${(/** @type {FocusEvent} */ e) => /** @type {HTMLInputElement} */ (e.target).select()} onInput=${(/** @type {InputEvent} */ e) => setName(/** @type {HTMLInputElement} */ (e.target).value)} />
          </label>
          <p class="quiet">${t("search.saveHint")}</p>
        </div>
        <footer class="dialog-foot">
          <button type="button" class="button bordered" onClick=${close}>${t("shell.cancel")}</button>
          <button type="submit" class="button primary">${t("search.save")}</button>
        </footer>
      </form>
    <//>
  `;
}

command({
  id: "search.save",
  title: () => t("cmd.save"),
  group: () => t("cmd.group.search"),
  when: () => route.value.view === "mail" && route.value.q !== "",
  run: nameSearch,
});
