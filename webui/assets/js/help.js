// The help sheet: every key there is, from the commands themselves, and what
// can be searched for.

import { signal } from "@preact/signals";
import { caps, command, commands } from "./command.js";
import { Dialog } from "./dialog.js";
import { t } from "./i18n.js";
import { fields } from "./query.js";
import { html } from "./view.js";

/** @typedef {import("./command.js").Command} Command */

const open = signal(false);

const close = () => (open.value = false);

/**
 * Keys as they are printed on a keyboard.
 * @param {{keys: string}} props
 */
export function Caps({ keys }) {
  const chords = keys.split(" ").map(caps);
  return html`<span class="caps">${chords.map((chord, n) => html`${n > 0 && html`<i>${t("cmd.help.then")}</i>`}${chord.map((cap) => html`<kbd>${cap}</kbd>`)}`)}</span>`;
}

/** The sheet, while it is open. */
export function Help() {
  if (!open.value) return null;
  /** @type {Map<string, Command[]>} */
  const groups = new Map();
  for (const c of commands.value) {
    if (!c.keys?.length || c.hidden) continue;
    const name = c.group();
    groups.set(name, [...(groups.get(name) ?? []), c]);
  }
  return html`
    <${Dialog} title=${t("cmd.help.title")} onClose=${close} class="help">
      <div class="dialog-body help-sheet" tabindex="0" autofocus>
        ${[...groups].map(
          ([name, all]) => html`
            <section>
              <h3>${name}</h3>
              <dl>
                ${all.map((c) => html`<div data-command=${c.id}><dt>${c.title()}</dt><dd>${keysOf(c)}</dd></div>`)}
              </dl>
            </section>
          `,
        )}
        <section class="help-query">
          <h3>${t("cmd.help.query")}</h3>
          <dl>
            ${terms().map(([term, note]) => html`<div><dt><code>${term}</code></dt><dd>${note}</dd></div>`)}
          </dl>
        </section>
      </div>
    <//>
  `;
}

/**
 * A row of keys is shown by its ends.
 * @param {Command} c
 */
function keysOf({ keys = [] }) {
  if (keys.length > 3) return html`<${Caps} keys=${keys[0]} /> … <${Caps} keys=${keys[keys.length - 1]} />`;
  return keys.map((k, n) => html`${n > 0 && html`<i>${t("cmd.help.or")}</i>`}<${Caps} keys=${k} />`);
}

/** @returns {[term: string, note: string][]} */
const terms = () => [
  ["word", t("cmd.help.word")],
  ['"two words"', t("cmd.help.phrase")],
  ...fields.map((f) => /** @type {[string, string]} */ ([`${f}:`, t(/** @type {import("./i18n.js").Key} */ (`search.op.${f}`))])),
  ["-term", t("cmd.help.not")],
  ["field:=value", t("cmd.help.exact")],
];

command({
  id: "help",
  title: () => t("cmd.help"),
  group: () => t("cmd.group.search"),
  keys: ["?"],
  run: () => (open.value = true),
});
