// What a session said, as a timeline. The message's delivery and the list of
// sessions both show it.

import { useMemo, useState } from "preact/hooks";
import { locale, t } from "../i18n.js";
import { html } from "../view.js";

/**
 * @typedef {{ms: number, from: "client" | "server" | "note", text: string}} Line
 *
 * Lines that were said in one go: each command by itself, a reply with all its
 * lines.
 * @typedef {object} Turn
 * @property {number} ms since the session began
 * @property {number} after ms since the turn before
 * @property {Line["from"]} from
 * @property {string[]} lines
 * @property {Tone} tone
 *
 * @typedef {"" | "good" | "more" | "later" | "bad"} Tone
 */

const pause = 1000; // ms of silence that are worth a word
const shownTurns = 400; // a session of a thousand messages is long

/**
 * @param {object} props
 * @param {Line[]} props.lines
 * @param {boolean} [props.truncated] more was said than is kept
 * @param {string} [props.message] id of a message: what was said about others is folded away at first
 */
export function Transcript({ lines, truncated = false, message = "" }) {
  const turns = useMemo(() => turnsOf(lines), [lines]);
  const about = useMemo(() => (message ? transaction(turns, message) : null), [turns, message]);
  const [whole, setWhole] = useState(false);
  const [shown, setShown] = useState(shownTurns);

  const folded = about && !whole ? about : null;
  const all = folded ? turns.slice(folded.from, folded.to) : turns;
  return html`
    <div class="transcript">
      ${about &&
      html`
        <label class="switch">
          <input type="checkbox" role="switch" checked=${whole} onChange=${() => setWhole(!whole)} />
          ${t("message.transcript.whole")}
        </label>
      `}
      <ol aria-label=${t("message.transcript")}>
        ${all.slice(0, shown).map((turn, i) => html`<${TurnRow} key=${(folded?.from ?? 0) + i} turn=${turn} first=${i === 0} />`)}
      </ol>
      ${all.length > shown &&
      html`<button class="button" onClick=${() => setShown(shown + shownTurns)}>${t("message.transcript.more", { n: all.length - shown })}</button>`}
      ${truncated && html`<p class="quiet">${t("message.transcript.truncated")}</p>`}
    </div>
  `;
}

/** @param {{turn: Turn, first: boolean}} props */
function TurnRow({ turn, first }) {
  const who = { client: t("message.transcript.client"), server: t("message.transcript.server"), note: t("message.transcript.note") }[turn.from];
  return html`
    ${!first && turn.after >= pause && html`<li class="pause">${t("message.transcript.pause", { time: span(turn.after) })}</li>`}
    <li class=${`turn ${turn.from} ${turn.tone}`} data-from=${turn.from} data-tone=${turn.tone}>
      <span class="at">${span(turn.ms)}</span>
      <span class="side" title=${who}><span class="hidden">${who}: </span></span>
      <span class="said">${turn.lines.join("\n")}</span>
    </li>
  `;
}

/**
 * @param {Line[]} lines
 * @returns {Turn[]}
 */
function turnsOf(lines) {
  /** @type {Turn[]} */
  const turns = [];
  let open = false; // the last turn goes on with the next line
  for (const { ms, from, text } of lines) {
    const last = turns.at(-1);
    if (last && open && from === "server" && last.from === "server" && !/^(\+OK|-ERR|\+ )/.test(text)) {
      last.lines.push(text);
      open = goesOn(last, text);
      continue;
    }
    const turn = { ms, after: last ? ms - last.ms : 0, from, lines: [text], tone: toneOf(from, text) };
    turns.push(turn);
    open = from === "server" && goesOn(turn, text);
  }
  return turns;
}

/**
 * Whether a reply has another line: SMTP says so in each (RFC 5321 §4.2.1);
 * POP3 ends lists with a dot, and what is no status line belongs to a list
 * (RFC 1939 §3).
 * @param {Turn} turn
 * @param {string} text
 */
function goesOn(turn, text) {
  if (/^\d{3}/.test(turn.lines[0])) return /^\d{3}-/.test(text);
  return text !== ".";
}

/**
 * @param {Line["from"]} from
 * @param {string} text
 * @returns {Tone}
 */
function toneOf(from, text) {
  if (from !== "server") return "";
  if (text.startsWith("-ERR")) return "bad";
  if (text.startsWith("+OK")) return "good";
  if (text.startsWith("+ ")) return "more";
  return /** @type {Record<string, Tone>} */ ({ 2: "good", 3: "more", 4: "later", 5: "bad" })[/^\d{3}/.test(text) ? text[0] : ""] ?? "";
}

/**
 * The turns in which an SMTP session brought one message of several: from its
 * MAIL to the reply that names it.
 * @param {Turn[]} turns
 * @param {string} id
 */
function transaction(turns, id) {
  const isMail = (/** @type {Turn} */ turn) => turn.from === "client" && /^mail /i.test(turn.lines[0]);
  if (turns.filter(isMail).length < 2) return null;
  const named = turns.findIndex((turn) => turn.from === "server" && turn.lines.some((l) => l.split(/[\s=]/).includes(id)));
  const from = turns.findLastIndex((turn, i) => i < named && isMail(turn));
  return from < 0 ? null : { from, to: named + 1 };
}

/** @param {number} ms */
function span(ms) {
  const [n, unit, maximumFractionDigits] =
    ms < 1000 ? [ms, "millisecond", ms < 10 ? 1 : 0] : ms < 60_000 ? [ms / 1000, "second", 2] : [ms / 60_000, "minute", 1];
  return new Intl.NumberFormat(locale.value, { style: "unit", unit: String(unit), maximumFractionDigits: Number(maximumFractionDigits) }).format(Number(n));
}
