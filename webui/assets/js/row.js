// One message in the list.

import { focused, selectTo, toggle } from "./actions.js";
import { exactly, names, when } from "./format.js";
import { highlight, terms } from "./highlight.js";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import * as mail from "./mail.js";
import { follow, href } from "./route.js";
import { html } from "./view.js";

/** @typedef {import("./api.js").Summary} Summary */

const mostTags = 2;

/**
 * @param {object} props
 * @param {Summary} props.m
 * @param {number} props.position
 * @param {number} props.top  in CSS pixels
 * @param {string} props.q  what is searched for
 * @param {string} props.box
 * @param {boolean} props.open
 * @param {boolean} props.at  the keyboard is here
 * @param {boolean} props.tabbable
 * @param {boolean} props.selected
 */
export function Row({ m, position, top, q, box, open, at, tabbable, selected }) {
  const from = names(m.from) || m.sender || "<>";
  const to = { id: m.id, tab: "" };
  const onClick = (/** @type {MouseEvent} */ e) => {
    if (!e.shiftKey) {
      follow(to)(e);
      return;
    }
    e.preventDefault();
    selectTo(m);
  };
  return html`
    <div
      class=${`row${m.seen ? "" : " unseen"}${at ? " at" : ""}${open ? " current" : ""}${selected ? " selected" : ""}`}
      role="row"
      aria-rowindex=${position + 1}
      aria-selected=${selected ? "true" : "false"}
      data-id=${m.id}
      data-seq=${m.seq}
      style=${`transform: translateY(${top}px)`}
    >
      <span class="check" role="gridcell">
        <input type="checkbox" tabindex="-1" checked=${selected} aria-label=${t("list.select.one", { subject: m.subject || t("shell.noSubject") })} onClick=${(/** @type {MouseEvent} */ e) => onCheck(e, m)} />
      </span>
      <span class="cell" role="gridcell">
        <a class="open" href=${href(to)} tabindex=${tabbable ? 0 : -1} aria-current=${open ? "true" : undefined} onClick=${onClick} onFocus=${() => focused(m)}>
          <span class="line">
            <span class="from" dir="auto">${!m.seen && html`<span class="hidden">${t("list.unseen")} </span>`}${highlight(from, terms(q, "from"))}</span>
            <time datetime=${m.received} title=${exactly(m.received)}>${when(m.received)}</time>
          </span>
          <span class=${m.subject ? "subject" : "subject none"} dir="auto">${m.subject ? highlight(m.subject, terms(q, "subject")) : t("shell.noSubject")}</span>
          <span class="line">
            <${Recipients} m=${m} box=${box} q=${q} />
            <span class="preview" dir="auto">${highlight(m.preview, terms(q, "body"))}</span>
            <${Facts} m=${m} />
          </span>
        </a>
      </span>
    </div>
  `;
}

/**
 * @param {MouseEvent} e
 * @param {Summary} m
 */
function onCheck(e, m) {
  mail.cursor.value = m;
  if (!e.shiftKey) {
    toggle(m);
    return;
  }
  e.preventDefault(); // the rows say what is selected
  selectTo(m);
}

/**
 * What stands out: attachments, hidden recipients, defects, tags.
 * @param {{m: Summary}} props
 */
function Facts({ m }) {
  const hidden = hiddenRecipients(m);
  const more = m.tags.length - mostTags;
  return html`
    <span class="facts">
      ${m.tags.slice(0, mostTags).map((tag) => html`<span class="tag" key=${tag} dir="auto" title=${tag}>${tag}</span>`)}
      ${more > 0 && html`<span class="tag" title=${m.tags.slice(mostTags).join(", ")}>+${more}</span>`}
      ${hidden.length > 0 && html`<span class="fact bcc" title=${t("list.hidden", { n: hidden.length, who: hidden.join(", ") })}>${t("list.bcc")}<span class="hidden"> ${t("list.hidden", { n: hidden.length, who: hidden.join(", ") })}</span></span>`}
      ${m.defectCodes.length > 0 &&
      html`<span class="fact defects" title=${t("list.defects", { n: m.defectCodes.length, what: m.defectCodes.join(", ") })}>
        <${icons.warning} />${m.defectCodes.length}<span class="hidden"> ${t("list.defects", { n: m.defectCodes.length, what: m.defectCodes.join(", ") })}</span>
      </span>`}
      ${m.attachmentCount > 0 &&
      html`<span class="fact clip" title=${t("list.attachments", { n: m.attachmentCount })}>
        <${icons.clip} />${m.attachmentCount > 1 && html`<span aria-hidden="true">${m.attachmentCount}</span>`}<span class="hidden"> ${t("list.attachments", { n: m.attachmentCount })}</span>
      </span>`}
    </span>
  `;
}

/**
 * Forward-paths that neither To nor Cc names.
 * @param {Summary} m
 */
function hiddenRecipients(m) {
  const named = new Set([...m.to, ...m.cc].map((a) => a.address.toLowerCase()));
  return m.recipients.filter((r) => !named.has(r.toLowerCase()));
}

/**
 * Which mailbox it went to: in a mailbox only the others that have it.
 * @param {{m: Summary, box: string, q: string}} props
 */
function Recipients({ m, box, q }) {
  const all = m.mailboxes.length ? m.mailboxes : m.recipients;
  const shown = box && !box.startsWith("*") ? all.filter((name) => name !== box) : all;
  if (!shown.length) return null;
  const [first] = shown;
  const more = shown.length - 1;
  const label = box && shown.length < all.length ? t("list.also", { who: "" }) : t("list.to", { who: "" });
  return html`<span class="to" dir="ltr" title=${shown.join(", ")}><span>${label.trim()} <b>${highlight(first, terms(q, "rcpt"))}</b></span>${more > 0 && html`<span class="more">+${more}</span>`}</span>`;
}
