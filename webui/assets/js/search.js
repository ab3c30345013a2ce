// The search field: what is typed is completed, checked, and searched for.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { close } from "./actions.js";
import { Problem } from "./api.js";
import { ariaKeys, command } from "./command.js";
import { askable, contextAt, moved, options, storedOptions } from "./complete.js";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import * as mail from "./mail.js";
import { why } from "./mistake.js";
import { parse } from "./query.js";
import { go, route } from "./route.js";
import { recent, remember, saved } from "./saved.js";
import * as select from "./select.js";
import { html } from "./view.js";

/**
 * @typedef {import("./complete.js").Option} Option
 * @typedef {{at: number, end: number, message: string}} Wrong  what is wrong in the text, and where
 */

const settle = 250; // ms after the last key before it is searched
const pause = 100; // ms before the store is asked for completions

export function Search() {
  const { q, box, view } = route.value;
  const [text, setText] = useState(q);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [judged, setJudged] = useState(q); // the text whose mistakes are told
  const timer = useRef(0);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const typed = useRef(""); // the search that typing led to, so far
  const placed = useRef(-1); // where the caret goes with the next rendering
  useEffect(() => {
    if (text.trim() === q) return; // the space that is typed last is not in the address
    setText(q);
    setJudged(q);
  }, [q]);
  useLayoutEffect(() => {
    if (placed.current < 0) return;
    input.current?.setSelectionRange(placed.current, placed.current);
    placed.current = -1;
  });
  const found = useOptions(text, caret, open);
  const shown = open && found.length > 0;

  const search = (/** @type {string} */ to, /** @type {boolean} */ replace) => {
    clearTimeout(timer.current);
    setJudged(to);
    typed.current = "";
    if (parse(to).mistake || (to.trim() === q && view === "mail")) return;
    go({ view: "mail", q: to.trim(), id: "", tab: "" }, { replace });
  };
  const type = (/** @type {string} */ to, /** @type {number} */ at) => {
    setText(to);
    setCaret(at);
    setOpen(true);
    setActive(-1);
    clearTimeout(timer.current);
    // While one types, the address follows without a step for each pause. A
    // term that is not finished is no mistake yet.
    timer.current = setTimeout(() => {
      const { terms, mistake } = parse(to);
      const unfinished = mistake && terms.some((term) => term.start <= mistake.at && mistake.at <= term.end && term.start <= at && at <= term.end);
      if (unfinished) return;
      search(to, q !== "" && q === typed.current);
      typed.current = to.trim();
    }, settle);
  };
  const take = (/** @type {Option} */ o) => {
    placed.current = o.caret;
    type(o.text, o.caret);
    if (o.whole) {
      setOpen(false);
      search(o.text, false);
      remember(o.text);
    }
    input.current?.focus();
  };
  const place = () => setCaret(input.current?.selectionStart ?? 0);
  const onInput = (/** @type {InputEvent} */ e) => {
    const field = /** @type {HTMLInputElement} */ (e.target);
    if (e.isComposing) setText(field.value);
    else type(field.value, field.selectionStart ?? field.value.length);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ e) => {
    if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
    const to = shown ? moved(e.key, active, found.length, -1) : undefined;
    if (to !== undefined) setActive(to);
    else if (e.key === "ArrowDown" && !open) {
      place();
      setOpen(true);
    } else if (shown && active >= 0 && (e.key === "Enter" || e.key === "Tab")) take(found[active]);
    else if (e.key === "Escape" && shown) setOpen(false);
    else return;
    e.preventDefault();
  };
  const onSubmit = (/** @type {Event} */ e) => {
    e.preventDefault();
    setOpen(false);
    search(text, false);
    remember(text);
  };
  const onBlur = () => {
    setOpen(false);
    setJudged(text);
  };
  const clear = () => {
    type("", 0);
    search("", false);
    setOpen(false);
    input.current?.focus();
  };

  const wrong = shown ? null : wrongIn(text, judged);
  return html`
    <form class="search" role="search" onSubmit=${onSubmit}>
      <${icons.search} />
      <input
        id="q"
        ref=${input}
        role="combobox"
        enterkeyhint="search"
        placeholder=${box ? t("search.hintIn", { box }) : t("search.hint")}
        aria-label=${t("search.label")}
        aria-keyshortcuts=${ariaKeys("search")}
        aria-autocomplete="list"
        aria-expanded=${String(shown)}
        aria-controls="q-options"
        aria-activedescendant=${shown && active >= 0 ? `q-option-${active}` : undefined}
        aria-invalid=${wrong ? "true" : undefined}
        aria-describedby=${wrong ? "q-error" : undefined}
        autocomplete="off"
        autocapitalize="off"
        spellcheck=${false}
        dir="auto"
        value=${text}
        onInput=${onInput}
        onCompositionEnd=${(/** @type {CompositionEvent} */ e) => {
          const field = /** @type {HTMLInputElement} */ (e.target);
          type(field.value, field.selectionStart ?? field.value.length);
        }}
        onKeyDown=${onKeyDown}
        onKeyUp=${place}
        onClick=${() => {
          place();
          setOpen(true);
        }}
        onBlur=${onBlur}
      />
      ${text ? html`<button type="button" class="clear" aria-label=${t("search.clear")} onClick=${clear}><${icons.close} /></button>` : html`<kbd aria-hidden="true">/</kbd>`}
      <ul id="q-options" role="listbox" aria-label=${t("search.suggestions")} hidden=${!shown} onMouseDown=${(/** @type {Event} */ e) => e.preventDefault()}>
        ${shown && found.map((o, n) => html`<${Row} key=${o.label} option=${o} n=${n} active=${n === active} onTake=${() => take(o)} />`)}
      </ul>
      ${wrong && html`<${Malformed} text=${text} ...${wrong} />`}
    </form>
  `;
}

/** @param {{option: Option, n: number, active: boolean, onTake: () => void}} props */
function Row({ option, n, active, onTake }) {
  const el = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (active) el.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return html`
    <li ref=${el} id=${`q-option-${n}`} role="option" aria-selected=${String(active)} onClick=${onTake}>
      <code dir="auto">${option.label}</code> <span class="note">${option.note}</span>
    </li>
  `;
}

/**
 * Completions at the caret; where nothing is typed yet, earlier searches.
 * @param {string} text
 * @param {number} caret
 * @param {boolean} open
 * @returns {Option[]}
 */
function useOptions(text, caret, open) {
  const [stored, setStored] = useState({ text: "", caret: 0, found: /** @type {Option[]} */ ([]) });
  const at = contextAt(text, caret);
  const ask = open && askable(at);
  useEffect(() => {
    if (!ask) return;
    const gone = new AbortController();
    const timer = setTimeout(() => {
      // Completion is a help: without it, the search works.
      storedOptions(contextAt(text, caret), gone.signal).then((found) => setStored({ text, caret, found }), () => {});
    }, pause);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [text, caret, ask]);
  if (!open) return [];
  const known = options(at);
  if (!text.trim()) return [...earlier(), ...known];
  return ask && stored.text === text && stored.caret === caret ? [...known, ...stored.found] : known;
}

/** @returns {Option[]} */
function earlier() {
  const whole = (/** @type {string} */ q, /** @type {string} */ note) => ({ label: q, note, text: q, caret: q.length, more: false, whole: true });
  const named = saved.value.filter((s) => !s.box).map((s) => whole(s.q, s.name));
  const made = recent.value.slice(0, 4).filter((q) => !named.some((n) => n.label === q));
  return [...named.slice(0, 4), ...made.map((q) => whole(q, t("search.recent")))];
}

/**
 * What is wrong with the text that is shown, once it was meant to be searched.
 * @param {string} text
 * @param {string} judged
 * @returns {Wrong | null}
 */
function wrongIn(text, judged) {
  const { terms, mistake } = parse(text);
  if (mistake) {
    if (text !== judged) return null;
    const term = terms.find((each) => each.start <= mistake.at && mistake.at <= each.end);
    return { at: mistake.at, end: term?.end ?? text.length, message: why(mistake) };
  }
  // The server may know better.
  const problem = mail.problem.value;
  const error = problem instanceof Problem ? problem.errors[0] : undefined;
  const place = /^query\.q\[(\d+)\]$/.exec(error?.location ?? "");
  if (!error || !place || error.value !== text.trim()) return null;
  // The place is counted in octets of UTF-8.
  const octets = new TextEncoder().encode(text.trim()).subarray(0, Number(place[1]));
  const at = text.length - text.trimStart().length + new TextDecoder().decode(octets).length;
  return { at, end: text.length, message: error.message };
}

/** @param {Wrong & {text: string}} props */
function Malformed({ text, at, end, message }) {
  return html`
    <div class="malformed" id="q-error" role="alert">
      <p>${message}</p>
      <code dir="auto">${text.slice(0, at)}<mark>${text.slice(at, end) || "\u00a0"}</mark>${text.slice(end)}</code>
    </div>
  `;
}

command({
  id: "search",
  title: () => t("cmd.search"),
  group: () => t("cmd.group.search"),
  keys: ["/"],
  run: focusSearch,
});

command({
  id: "close",
  title: () => t("cmd.close"),
  group: () => t("cmd.group.search"),
  keys: ["Escape"],
  when: () => innermost() !== undefined,
  run: () => innermost()?.(),
});

command({
  id: "search.clear",
  title: () => t("cmd.clear"),
  group: () => t("cmd.group.search"),
  when: () => route.value.q !== "",
  run: () => go({ q: "" }),
});

/** How to close what is innermost; undefined: nothing is open. */
function innermost() {
  const { view, id, session, q } = route.value;
  if (select.selected.value) return select.clear;
  if (view === "mail" && id) return close;
  if (view === "sessions" && session) return () => go({ session: "" });
  if (view === "mail" && q) return () => go({ q: "" });
  return undefined;
}

function focusSearch() {
  const field = document.getElementById("q");
  if (!(field instanceof HTMLInputElement)) return;
  field.focus();
  field.select();
  field.click(); // with what can be searched for
}
