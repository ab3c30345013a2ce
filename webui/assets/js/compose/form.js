// The dialog in which a test message is written. The server composes it, and
// delivers it here and nowhere else.

import { useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { toast } from "../actions.js";
import { Dialog } from "../dialog.js";
import { size } from "../format.js";
import { t } from "../i18n.js";
import * as icons from "../icons.js";
import { reason } from "../reason.js";
import { go } from "../route.js";
import { setting } from "../settings.js";
import { html } from "../view.js";
import { addresses, isAddress } from "./addresses.js";
import { sample } from "./sample.js";

/**
 * @typedef {object} Draft
 * @property {string} from
 * @property {string} to  addresses with commas between them, as all three
 * @property {string} cc
 * @property {string} bcc
 * @property {string} subject
 * @property {string} text
 * @property {string} html
 * @property {File[]} files
 *
 * @typedef {"from" | "to" | "cc" | "bcc" | "subject" | "text" | "html" | "files"} Name
 * @typedef {Partial<Record<Name | "", string>>} Wrong  "" is about the whole message
 */

const lastFrom = setting("from", "App <app@example.test>");
const lastTo = setting("to", "alice@app.test");

/** @param {{begin: Partial<Draft>, onClose: () => void}} props */
export function ComposeForm({ begin, onClose }) {
  const [draft, setDraft] = useState(/** @returns {Draft} */ () => ({
    from: lastFrom.peek(), to: lastTo.peek(), cc: "", bcc: "", subject: "", text: "", html: "", files: [], ...begin,
  }));
  const [wrong, setWrong] = useState(/** @type {Wrong} */ ({}));
  const [sending, setSending] = useState(false);
  const [copies, setCopies] = useState(Boolean(begin.cc || begin.bcc));
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));

  /** @param {Partial<Draft>} change */
  const set = (change) => {
    setDraft((d) => ({ ...d, ...change }));
    setWrong((w) => Object.fromEntries(Object.entries(w).filter(([name]) => name && !(name in change))));
  };
  const add = (/** @type {Iterable<File>} */ files) => set({ files: [...draft.files, ...files] });

  const send = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (sending) return;
    const found = check(draft);
    if (Object.keys(found).length) return complain(found);
    setSending(true);
    try {
      const { id } = await api.compose(await mailOf(draft));
      lastFrom.value = draft.from;
      lastTo.value = draft.to;
      onClose();
      go({ view: "mail", box: "", unseen: false, q: "", id, tab: "" });
      toast(t("compose.sent"));
    } catch (e) {
      complain(told(/** @type {Error} */ (e)));
    } finally {
      setSending(false);
    }
  };
  const complain = (/** @type {Wrong} */ found) => {
    if (found.cc || found.bcc) setCopies(true);
    setWrong(found);
    const first = Object.keys(found).find(Boolean);
    // The field may have to be shown before.
    if (first) requestAnimationFrame(() => /** @type {HTMLElement | null | undefined} */ (form.current?.querySelector(`[name="${first}"]`))?.focus());
  };
  const paste = (/** @type {ClipboardEvent} */ e) => {
    const files = e.clipboardData?.files;
    if (!files?.length || e.clipboardData?.types.includes("text/plain")) return;
    e.preventDefault();
    add(files);
  };
  const drop = (/** @type {DragEvent} */ e) => {
    e.preventDefault();
    e.stopPropagation(); // it is not to be imported
    if (e.dataTransfer?.files.length) add(e.dataTransfer.files);
  };
  const keys = (/** @type {KeyboardEvent} */ e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) send(e);
  };

  const field = (/** @type {Exclude<Name, "files">} */ name, /** @type {object} */ more = {}) => html`
    <${Line} name=${name} label=${t(`compose.${name}`)} value=${draft[name]} wrong=${wrong[name]} onInput=${(/** @type {string} */ value) => set({ [name]: value })} ...${more} />
  `;
  return html`
    <${Dialog} title=${t("compose.title")} onClose=${onClose} class="compose">
      <form ref=${form} onSubmit=${send} onPaste=${paste} onDrop=${drop} onDragOver=${(/** @type {Event} */ e) => e.preventDefault()} onKeyDown=${keys} novalidate>
        <div class="compose-fields">
          ${field("from", { autofocus: !draft.from })}
          <div class="compose-to">
            ${field("to", { autofocus: Boolean(draft.from) })}
            ${!copies && html`<button type="button" class="link" onClick=${() => setCopies(true)}>${t("compose.copies")}</button>`}
          </div>
          ${copies && field("cc")} ${copies && field("bcc")} ${field("subject")} ${field("text", { rows: 5 })} ${field("html", { rows: 5, code: true })}
          <${Files} files=${draft.files} wrong=${wrong.files} onAdd=${add} onRemove=${(/** @type {File} */ f) => set({ files: draft.files.filter((each) => each !== f) })} />
        </div>
        ${wrong[""] && html`<p class="compose-wrong" role="alert">${wrong[""]}</p>`}
        <footer class="dialog-foot">
          <button type="button" class="button compose-sample" onClick=${() => set(sample())}>${t("compose.sample")}</button>
          <button type="button" class="button bordered" onClick=${onClose}>${t("shell.cancel")}</button>
          <button type="submit" class="button primary" disabled=${sending}>${sending ? t("compose.sending") : t("compose.send")}</button>
        </footer>
      </form>
    <//>
  `;
}

/** @param {{name: string, label: string, value: string, wrong?: string, onInput: (value: string) => void, rows?: number, code?: boolean, autofocus?: boolean}} props */
function Line({ name, label, value, wrong = "", onInput, rows = 0, code = false, autofocus = false }) {
  const id = `compose-${name}`;
  const type = (/** @type {Event} */ e) => onInput(/** @type {HTMLInputElement} */ (e.target).value);
  const all = {
    id, name, value, autofocus, onInput: type, spellcheck: false, autocomplete: "off", dir: "auto",
    class: code ? "field markup" : "field",
    "aria-invalid": Boolean(wrong),
    "aria-describedby": wrong ? `${id}-wrong` : undefined,
  };
  return html`
    <div class="compose-line">
      <label for=${id}>${label}</label>
      <div>${rows ? html`<textarea rows=${rows} ...${all}></textarea>` : html`<input type="text" ...${all} />`} ${wrong && html`<p class="wrong" id=${`${id}-wrong`}>${wrong}</p>`}</div>
    </div>
  `;
}

/** @param {{files: File[], wrong?: string, onAdd: (files: Iterable<File>) => void, onRemove: (file: File) => void}} props */
function Files({ files, wrong, onAdd, onRemove }) {
  const picked = (/** @type {Event} */ e) => {
    const field = /** @type {HTMLInputElement} */ (e.target);
    onAdd([...(field.files ?? [])]);
    field.value = "";
  };
  return html`
    <div class="compose-line">
      <span id="compose-files">${t("compose.files")}</span>
      <div class="compose-files">
        <ul aria-labelledby="compose-files">
          ${files.map(
            (f) => html`
              <li key=${f}>
                <${icons.clip} /><bdi>${f.name}</bdi><span class="quiet">${size(f.size)}</span>
                <button type="button" class="button icon-only" aria-label=${t("compose.remove", { name: f.name })} onClick=${() => onRemove(f)}><${icons.close} /></button>
              </li>
            `,
          )}
        </ul>
        <label class="button bordered pick"><input type="file" name="files" multiple onChange=${picked} /><${icons.clip} /> ${t("compose.attach")}</label>
        <span class="quiet">${t("compose.drop")}</span>
        ${wrong && html`<p class="wrong">${wrong}</p>`}
      </div>
    </div>
  `;
}

/**
 * What can be seen to be wrong before it is sent.
 * @param {Draft} d
 * @returns {Wrong}
 */
function check(d) {
  /** @type {Wrong} */
  const wrong = {};
  for (const name of /** @type {const} */ (["from", "to", "cc", "bcc"])) {
    const bad = addresses(d[name]).find((a) => !isAddress(a));
    if (bad) wrong[name] = t("compose.wrong.address", { address: bad });
  }
  if (!d.from.trim()) wrong.from = t("compose.wrong.from");
  else if (!wrong.from && addresses(d.from).length > 1) wrong.from = t("compose.wrong.one");
  if (!wrong.to && !(d.to + d.cc + d.bcc).trim()) wrong.to = t("compose.wrong.to");
  return wrong;
}

/**
 * What the server found, at the field that it names.
 * @param {Error} e
 * @returns {Wrong}
 */
function told(e) {
  if (!(e instanceof api.Problem)) return { "": reason(e) };
  if (e.status === 413) return { files: t("compose.wrong.large") };
  const named = /^(from|to|cc|bcc): /.exec(e.message);
  return named ? { [named[1]]: e.message } : { "": reason(e) };
}

/** @param {Draft} d */
async function mailOf(d) {
  return {
    from: d.from.trim(),
    to: addresses(d.to),
    cc: addresses(d.cc),
    bcc: addresses(d.bcc),
    subject: d.subject,
    text: d.text,
    html: d.html,
    attachments: await Promise.all(d.files.map(async (f) => ({ name: f.name, type: f.type, content: await base64(f) }))),
  };
}

/** @param {Blob} file */
function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
