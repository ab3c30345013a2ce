// Importing files: dropped anywhere on the page, or picked.

import { batch, signal } from "@preact/signals";
import * as api from "./api.js";
import { command } from "./command.js";
import { Dialog } from "./dialog.js";
import { size } from "./format.js";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import { reason } from "./reason.js";
import { html } from "./view.js";

/**
 * @typedef {object} Import
 * @property {number} key
 * @property {File} file
 * @property {number} sent  octets
 * @property {"waiting" | "sending" | "done" | "failed" | "passed"} state  passed: it is not mail
 * @property {import("./api.js").Imported} [result]
 * @property {string} [why]
 */

const imports = signal(/** @type {readonly Import[]} */ ([]));
const shown = signal(false);
const over = signal(false); // files are dragged over the page

let serial = 0;
let running = false;
let stop = new AbortController();

/** Asks for files. */
export function pickFiles() {
  const field = document.createElement("input");
  field.type = "file";
  field.multiple = true;
  field.accept = ".eml,.mbox,.mbx,message/rfc822,application/mbox";
  field.onchange = () => importFiles([...(field.files ?? [])]);
  field.click();
}

/** @param {File[]} files */
function importFiles(files) {
  if (!files.length) return;
  const fresh = files.map((file) => ({ key: ++serial, file, sent: 0, state: /** @type {const} */ ("waiting") }));
  batch(() => {
    imports.value = running ? [...imports.peek(), ...fresh] : fresh;
    shown.value = true;
  });
  if (!running) run();
}

/** Imports one file after the other. */
async function run() {
  running = true;
  stop = new AbortController();
  for (let next; (next = imports.peek().find((i) => i.state === "waiting")); ) {
    const { key, file } = next;
    const note = (/** @type {Partial<Import>} */ change) => {
      imports.value = imports.peek().map((i) => (i.key === key ? { ...i, ...change } : i));
    };
    const kind = await kindOf(file).catch(() => "");
    if (!kind) {
      note({ state: "passed", why: file.size ? t("setup.import.kind") : t("setup.import.empty") });
      continue;
    }
    note({ state: "sending" });
    try {
      const result = await api.importFile(file, kind, (sent) => note({ sent }), stop.signal);
      note({ state: result.failed && !result.imported ? "failed" : "done", sent: file.size, result });
    } catch (e) {
      note({ state: "failed", why: stop.signal.aborted ? t("setup.import.stopped") : reason(e) });
    }
  }
  running = false;
}

/**
 * What a file is, by how it begins; "" when it is no mail. A folder cannot be
 * read.
 * @param {File} file
 */
async function kindOf(file) {
  const begin = new TextDecoder("latin1").decode(await file.slice(0, 4096).arrayBuffer());
  if (begin.startsWith("From ")) return "application/mbox";
  return /^[\r\n]*(?:>?From [^\n]*\n)?[!-9;-~]+[ \t]*:/.test(begin) ? "message/rfc822" : "";
}

/** Where it is shown: once, in the page's frame. */
export function Imports() {
  return html`
    ${over.value && html`<div class="drop-here" aria-hidden="true"><p><${icons.upload} /> ${t("setup.import.drop")}</p></div>`}
    ${shown.value && html`<${Progress} />`}
  `;
}

function Progress() {
  const all = imports.value;
  const busy = all.some((i) => i.state === "waiting" || i.state === "sending");
  const total = all.reduce((n, i) => n + (i.result?.imported ?? 0), 0);
  const close = () => (shown.value = false);
  return html`
    <${Dialog} title=${t("setup.import")} onClose=${close} class="imports">
      <ul>${all.map((i) => html`<${Row} key=${i.key} one=${i} />`)}</ul>
      <footer class="dialog-foot">
        <p role="status">${busy ? t("setup.import.busy") : t("setup.import.total", { n: total })}</p>
        ${busy && html`<button type="button" class="button bordered" onClick=${cancel}>${t("setup.import.stop")}</button>`}
        <button type="button" class="button primary" autofocus onClick=${close}>${busy ? t("setup.import.hide") : t("shell.close")}</button>
      </footer>
    <//>
  `;
}

function cancel() {
  imports.value = imports.peek().map((i) => (i.state === "waiting" ? { ...i, state: "failed", why: t("setup.import.stopped") } : i));
  stop.abort();
}

/** @param {{one: Import}} props */
function Row({ one: { file, sent, state, result, why } }) {
  return html`
    <li data-import=${state}>
      <p class="import-name">
        <bdi>${file.name}</bdi>
        <span class="quiet">${size(file.size)}</span>
        ${result && html`<span class="badge good">${t("setup.import.done", { n: result.imported })}</span>`}
        ${result && result.failed > 0 && html`<span class="badge bad">${t("setup.import.failed", { n: result.failed })}</span>`}
        ${!result && why && html`<span class="badge bad">${t("setup.import.not")}</span>`}
      </p>
      ${state === "sending" && html`<progress max=${file.size || 1} value=${sent} aria-label=${file.name}></progress>`}
      ${why && html`<p class="why">${why}</p>`}
      ${result &&
      result.failed > 0 &&
      html`
        <ul class="failures">
          ${result.failures.map((f) => html`<li><b>${t("setup.import.message", { n: f.message })}</b> ${f.reason}</li>`)}
          ${result.failed > result.failures.length && html`<li class="quiet">${t("setup.import.more", { n: result.failed - result.failures.length })}</li>`}
        </ul>
      `}
    </li>
  `;
}

/** Whether a drag is of files, and not into a dialog, which has its own. */
const mine = (/** @type {DragEvent} */ e) => Boolean(e.dataTransfer?.types.includes("Files")) && !document.querySelector("dialog.compose[open]");

/** Takes what is dropped, for as long as the page is there. */
export function start() {
  let depth = 0; // an element is entered before the one around it is left
  const leave = () => {
    depth = 0;
    over.value = false;
  };
  addEventListener("dragenter", (e) => {
    if (!mine(e)) return;
    e.preventDefault();
    depth++;
    over.value = true;
  });
  addEventListener("dragover", (e) => {
    if (mine(e)) e.preventDefault();
  });
  addEventListener("dragleave", (e) => {
    if (mine(e) && --depth <= 0) leave();
  });
  addEventListener("drop", (e) => {
    if (!mine(e)) return;
    e.preventDefault();
    leave();
    importFiles([...(e.dataTransfer?.files ?? [])]);
  });
}

command({ id: "import", title: () => t("setup.import"), group: () => t("setup.group"), keys: ["i"], run: pickFiles });
