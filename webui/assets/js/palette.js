// The command palette: whatever has a name, from the keyboard.

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api.js";
import { command, commands, possible } from "./command.js";
import { moved } from "./complete.js";
import { Dialog } from "./dialog.js";
import { Caps } from "./help.js";
import { highlight } from "./highlight.js";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import { go } from "./route.js";
import { goTo, remember, saved } from "./saved.js";
import { setting } from "./settings.js";
import { html } from "./view.js";

/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} title
 * @property {string} also  other words to find it by
 * @property {string} note
 * @property {string[]} [keys]
 * @property {() => unknown} run
 */

const keep = 6; // entries used lately
const most = 60; // entries shown
const known = 200; // mailboxes to choose from before a letter is typed
const pause = 80; // ms before the server is asked for mailboxes

const open = signal(false);
const used = setting("recent-commands", /** @type {string[]} */ ([]), (all) => Array.isArray(all) && all.every((id) => typeof id === "string"));

/** The palette, while it is open. */
export function Palette() {
  if (!open.value) return null;
  const choose = (/** @type {Entry} */ e) => {
    // It is done when the dialog has closed and given the focus back.
    document.querySelector("dialog.palette")?.addEventListener("close", () => void e.run(), { once: true });
    used.value = [e.id, ...used.peek().filter((id) => id !== e.id)].slice(0, keep);
    open.value = false;
  };
  return html`<${Open} onChoose=${choose} />`;
}

const close = () => (open.value = false);

/** @param {{onChoose: (e: Entry) => void}} props */
function Open({ onChoose }) {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const boxes = useMailboxes(text);
  const found = matching(text, boxes);
  const at = Math.min(active, found.length - 1);
  const onKeyDown = (/** @type {KeyboardEvent} */ e) => {
    if (e.isComposing) return;
    const to = moved(e.key, at, found.length, 0);
    if (to !== undefined) setActive(to);
    else if (e.key === "Enter" && found[at]) onChoose(found[at]);
    else if (e.key.toLowerCase() === "k" && (e.ctrlKey || e.metaKey)) close();
    else return;
    e.preventDefault();
  };
  return html`
    <${Dialog} title=${t("cmd.palette")} onClose=${close} class="palette" bare>
      <div class="palette-field">
        <${icons.search} />
        <input
          autofocus
          role="combobox"
          aria-label=${t("cmd.palette")}
          aria-autocomplete="list"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant=${at >= 0 ? `palette-${at}` : undefined}
          placeholder=${t("cmd.palette.hint")}
          autocomplete="off"
          spellcheck=${false}
          dir="auto"
          value=${text}
          onInput=${(/** @type {InputEvent} */ e) => {
            setText(/** @type {HTMLInputElement} */ (e.target).value);
            setActive(0);
          }}
          onKeyDown=${onKeyDown}
        />
      </div>
      <ul id="palette-list" role="listbox" aria-label=${t("cmd.palette")} onMouseDown=${(/** @type {Event} */ e) => e.preventDefault()}>
        ${found.map((e, n) => html`<${Row} key=${e.id} entry=${e} n=${n} text=${text} active=${n === at} onChoose=${() => onChoose(e)} />`)}
      </ul>
      ${!found.length && html`<p class="palette-none quiet">${t("cmd.palette.none")}</p>`}
      <p class="hidden" role="status">${t("cmd.palette.results", { n: found.length })}</p>
      <footer class="palette-foot quiet" aria-hidden="true">
        <span><kbd>↑</kbd><kbd>↓</kbd> ${t("cmd.palette.move")}</span>
        <span><${Caps} keys="Enter" /> ${t("cmd.palette.run")}</span>
        <span><${Caps} keys="Escape" /> ${t("cmd.palette.leave")}</span>
      </footer>
    <//>
  `;
}

/** @param {{entry: Entry, n: number, text: string, active: boolean, onChoose: () => void}} props */
function Row({ entry, n, text, active, onChoose }) {
  const el = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (active) el.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return html`
    <li ref=${el} id=${`palette-${n}`} role="option" aria-selected=${String(active)} data-entry=${entry.id} onClick=${onChoose}>
      <span class="title" dir="auto">${entry.id === "search" ? entry.title : highlight(entry.title, text.trim().split(/\s+/))}</span>
      <span class="note">${entry.note}</span>
      ${entry.keys?.[0] && html`<${Caps} keys=${entry.keys[0]} />`}
    </li>
  `;
}

/**
 * Mailboxes to choose from: the first ones, and those that begin with the text.
 * @param {string} text
 */
function useMailboxes(text) {
  const [first, setFirst] = useState({ names: /** @type {string[]} */ ([]), all: true });
  const [begun, setBegun] = useState(/** @type {string[]} */ ([]));
  const prefix = first.all ? "" : text.trim();
  useEffect(() => {
    const gone = new AbortController();
    mailboxes("", known, gone.signal).then(({ names, next }) => setFirst({ names, all: !next }), nothing);
    return () => gone.abort();
  }, []);
  useEffect(() => {
    if (!prefix) return;
    const gone = new AbortController();
    const timer = setTimeout(() => mailboxes(prefix, 20, gone.signal).then(({ names }) => setBegun(names), nothing), pause);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [prefix]);
  return prefix ? [...new Set([...begun, ...first.names])] : first.names;
}

/**
 * @param {string} prefix
 * @param {number} limit
 * @param {AbortSignal} signal
 */
async function mailboxes(prefix, limit, signal) {
  const { mailboxes, next } = await api.mailboxes({ prefix, limit }, signal);
  return { names: mailboxes.map((m) => m.name), next };
}

/** Commands are there without the server. */
const nothing = () => {};

/**
 * The entries that a text may mean, the likeliest first; without a text, what
 * was used lately and then everything.
 * @param {string} text
 * @param {string[]} boxes
 * @returns {Entry[]}
 */
function matching(text, boxes) {
  const [near, other] = [commandEntries(true), commandEntries(false)];
  const entries = [...near, ...savedEntries(), ...boxes.slice(0, 8).map(boxEntry), ...other, ...boxes.slice(8).map(boxEntry)];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const late = (/** @type {Entry} */ e) => {
    const at = used.value.indexOf(e.id);
    return at < 0 ? 0 : keep - at;
  };
  const ranked = entries
    .map((e) => ({ e, rank: words.reduce((sum, word) => sum + (rank(word, e) || -Infinity), 0) }))
    .filter(({ rank }) => rank >= 0)
    .map(({ e, rank }) => ({ e, rank: words.length ? rank + late(e) : late(e) }))
    .sort((a, b) => b.rank - a.rank)
    .slice(0, most)
    .map(({ e }) => (words.length || !late(e) ? e : { ...e, note: t("cmd.palette.recent") }));
  if (words.length) ranked.push(searchEntry(text.trim()));
  return ranked;
}

/**
 * How well a word fits: the beginning of a name, of a word in it, a part, its
 * letters in order. 0: not at all.
 * @param {string} word
 * @param {Entry} e
 */
function rank(word, e) {
  const title = e.title.toLowerCase();
  const at = title.indexOf(word);
  if (at === 0) return 100;
  if (at > 0) return /[^\p{L}\p{N}]/u.test(title[at - 1]) ? 80 : 60;
  if (` ${e.also.toLowerCase()}`.includes(` ${word}`)) return 50;
  let from = -1;
  let gaps = 0;
  for (const c of word) {
    const next = title.indexOf(c, from + 1);
    if (next < 0) return 0;
    if (from >= 0) gaps += next - from - 1;
    from = next;
  }
  return Math.max(1, 30 - gaps);
}

/**
 * Commands, by whether they lead somewhere: that is what one opens a palette for.
 * @param {boolean} leads
 * @returns {Entry[]}
 */
const commandEntries = (leads) =>
  commands.value
    .filter((c) => !c.hidden && c.id !== "palette" && /^(go|search|compose)\b/.test(c.id) === leads && possible(c))
    .map((c) => ({ id: `do:${c.id}`, title: c.title(), also: `${c.id.replace(/\W/g, " ")} ${c.group()}`, note: c.group(), keys: c.keys, run: () => c.run() }));

/** @returns {Entry[]} */
const savedEntries = () =>
  saved.value.map((s) => ({ id: `saved:${s.box} ${s.q}`, title: s.name, also: s.q, note: t("cmd.palette.saved"), run: () => goTo(s) }));

/**
 * @param {string} name
 * @returns {Entry}
 */
const boxEntry = (name) => ({
  id: `box:${name}`,
  title: name,
  also: "",
  note: t("cmd.palette.mailbox"),
  run: () => go({ view: "mail", box: name, unseen: false, q: "", id: "", tab: "" }),
});

/**
 * @param {string} q
 * @returns {Entry}
 */
const searchEntry = (q) => ({
  id: "search",
  title: t("cmd.palette.search", { q }),
  also: "",
  note: "",
  run: () => {
    remember(q);
    go({ view: "mail", q, id: "", tab: "" });
  },
});

command({
  id: "palette",
  title: () => t("cmd.palette"),
  group: () => t("cmd.group.search"),
  keys: ["Mod+k"],
  run: () => (open.value = true),
});
