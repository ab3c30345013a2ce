// Tags: those that are known, and the dialog that puts them on messages.

import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog.js";
import { t } from "./i18n.js";
import { setting } from "./settings.js";
import { html } from "./view.js";

const mostKnown = 200;
const longest = 100; // octets, what the API allows

/** Tags that were seen, those used last first. */
const known = setting("tags", /** @type {string[]} */ ([]), (v) => Array.isArray(v) && v.every((tag) => typeof tag === "string"));

/** @param {Iterable<string>} tags */
export function learn(tags) {
  const fresh = [...tags].filter((tag) => !known.peek().includes(tag));
  if (fresh.length) known.value = [...fresh, ...known.peek()].slice(0, mostKnown);
}

/**
 * @typedef {object} Tagging
 * @property {number} count  of messages
 * @property {Map<string, number>} on  how many of those that are here have a tag
 * @property {number} here
 * @property {(add: string[], remove: string[]) => void} apply
 */

/** What is being tagged. */
export const tagging = signal(/** @type {Tagging | null} */ (null));

/** Where the dialog is shown: once, in the page's frame. */
export function TagDialog() {
  const what = tagging.value;
  return what && html`<${Tags} what=${what} />`;
}

/** @param {{what: Tagging}} props */
function Tags({ what }) {
  const [text, setText] = useState("");
  const [set, change] = useState(/** @type {ReadonlyMap<string, boolean>} */ (new Map()));
  const close = () => (tagging.value = null);

  const wanted = text.trim();
  const all = [...new Set([...set.keys(), ...what.on.keys(), ...known.value])];
  const low = wanted.toLowerCase();
  const shown = all.filter((tag) => tag.toLowerCase().includes(low));
  const isNew = wanted !== "" && !all.includes(wanted);
  const tooLong = new TextEncoder().encode(wanted).length > longest;

  const put = (/** @type {string} */ tag, /** @type {boolean} */ on) => change(new Map(set).set(tag, on));
  const onSubmit = (/** @type {Event} */ e) => {
    e.preventDefault();
    if (tooLong) return;
    const last = new Map(set);
    if (wanted) last.set(shown.find((tag) => tag.toLowerCase() === low) ?? wanted, true);
    const those = (/** @type {boolean} */ on) => [...last].filter(([, is]) => is === on).map(([tag]) => tag);
    learn(those(true));
    close();
    if (last.size) what.apply(those(true), those(false));
  };

  return html`
    <${Dialog} title=${t("list.tag.title", { n: what.count })} onClose=${close} class="tagging">
      <form onSubmit=${onSubmit}>
        <div class="dialog-body">
          <input
            class="field"
            type="text"
            autofocus
            autocomplete="off"
            aria-label=${t("list.tag.name")}
            placeholder=${t("list.tag.name")}
            aria-invalid=${tooLong ? "true" : undefined}
            value=${text}
            onInput=${(/** @type {any} */ e) => setText(e.target.value)}
          />
          <ul class="tag-choice">
            ${isNew &&
            html`<li key="new"><button type="button" class="tag-new" disabled=${tooLong} onClick=${() => (put(wanted, true), setText(""))}>${tooLong ? t("list.tag.long") : t("list.tag.new", { tag: wanted })}</button></li>`}
            ${shown.map((tag) => html`<${Choice} key=${tag} tag=${tag} what=${what} is=${set.get(tag)} put=${put} />`)}
          </ul>
        </div>
        <footer class="dialog-foot">
          <button type="button" class="button bordered" onClick=${close}>${t("shell.cancel")}</button>
          <button type="submit" class="button primary" disabled=${tooLong}>${t("list.tag.apply")}</button>
        </footer>
      </form>
    <//>
  `;
}

/** @param {{tag: string, what: Tagging, is: boolean | undefined, put: (tag: string, on: boolean) => void}} props */
function Choice({ tag, what, is, put }) {
  const have = what.on.get(tag) ?? 0;
  const checked = is ?? (have > 0 && have === what.here);
  const mixed = is === undefined && have > 0 && have < what.here;
  return html`
    <li>
      <label>
        <input type="checkbox" checked=${checked} indeterminate=${mixed} onChange=${(/** @type {any} */ e) => put(tag, e.target.checked)} />
        <span dir="auto">${tag}</span>
      </label>
    </li>
  `;
}
