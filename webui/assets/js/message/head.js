// The head of a message: what can be done with it, and what it is.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import * as actions from "../actions.js";
import { exactly } from "../format.js";
import { highlight, terms } from "../highlight.js";
import { locale, t } from "../i18n.js";
import * as icons from "../icons.js";
import { follow, href, route } from "../route.js";
import { html } from "../view.js";
import { asking } from "./again.js";
import { Delivered, Glance } from "./glance.js";
import { again } from "./icons.js";

/** @typedef {import("../api.js").Message} Message */

export function Back() {
  const to = { id: "", tab: "" };
  return html`<a class="back button icon-only" href=${href(to)} onClick=${follow(to)} aria-label=${t("message.back")}><${icons.back} /></a>`;
}

/** @param {{m: Message, seen: boolean}} props */
export function Bar({ m, seen }) {
  const mark = seen ? t("message.unseen") : t("message.seen");
  return html`
    <div class="actions" role="toolbar" aria-label=${t("message.group")}>
      <${Back} />
      <button type="button" class="button" onClick=${() => actions.mark(!seen, { messages: [m] })} title=${mark} data-do="mark"><${icons.unread} /><span class="label">${mark}</span></button>
      <button type="button" class="button" onClick=${() => actions.tag({ messages: [m] })} title=${t("message.tag")} data-do="tag"><${icons.tag} /><span class="label">${t("message.tag")}</span></button>
      <button type="button" class="button danger" onClick=${() => actions.deleteMessage(m.id)} title=${t("message.delete")} data-do="delete"><${icons.bin} /><span class="label">${t("message.delete")}</span></button>
      <span class="space"></span>
      <button type="button" class="button" onClick=${() => (asking.value = true)} title=${t("message.again.how")} data-do="again"><${again} /><span class="label">${t("message.again")}</span></button>
      <a class="button" href=${api.rawURL(m.id)} download title=${t("message.download.how")} data-do="download"><${icons.download} /><span class="label">${t("message.download")}</span></a>
    </div>
  `;
}

const longSubject = 400; // characters: one that is longer scrolls in its place
const longName = 120; // characters of a name that are shown; the view of headers has all
const fewNamed = 5;

const lateAfter = 10 * 60_000; // ms between Date and arrival that are worth a word

/** @param {string} iso */
const short = (iso) => new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

/** @param {{m: Message}} props */
export function Head({ m }) {
  const long = m.subject.length > longSubject;
  const late = m.date && Math.abs(Date.parse(m.received) - Date.parse(m.date)) > lateAfter;
  return html`
    <header class="head">
      <h1 id="subject" class=${m.subject ? (long ? "long" : "") : "none"} tabindex=${long ? 0 : undefined} dir="auto">${m.subject ? highlight(m.subject, terms(route.value.q, "subject")) : t("shell.noSubject")}</h1>
      ${m.tags.length > 0 && html`<ul class="tags" aria-label=${t("message.tag")}>${m.tags.map((each) => html`<li key=${each} class="badge">${each}</li>`)}</ul>`}
      <div class="at-a-glance">
        <dl class="fields">
          <${Who} label=${t("message.from")} all=${m.from} found=${terms(route.value.q, "from")} />
          <${Who} label=${t("message.to")} all=${m.to} found=${terms(route.value.q, "to")} />
          <${Who} label=${t("message.cc")} all=${m.cc} found=${terms(route.value.q, "cc")} />
          <dt>${t("message.date")}</dt>
          <dd>
            ${m.date ? html`<time datetime=${m.date} title=${exactly(m.date)}>${short(m.date)}</time>` : t("message.date.none", { date: short(m.received) })}
            ${late && html` <span class="quiet" title=${exactly(m.received)}>· ${t("message.date.late", { date: short(m.received) })}</span>`}
          </dd>
          <${Delivered} m=${m} />
        </dl>
        <${Glance} m=${m} />
      </div>
    </header>
  `;
}

/** @param {{label: string, all: import("../api.js").Address[], found: string[]}} props */
function Who({ label, all, found }) {
  const [open, setOpen] = useState(false);
  if (!all.length) return null;
  const shown = open ? all : all.slice(0, fewNamed);
  return html`
    <dt>${label}</dt>
    <dd>
      ${shown.map(
        (a, i) => html`${i > 0 && ", "}<span class="who" dir="auto">${a.name && html`<b>${highlight(cut(a.name), found)}</b> `}<bdi class=${a.name ? "quiet" : ""}>${highlight(a.address, found)}</bdi></span>`,
      )}
      ${all.length > fewNamed && html` <button type="button" class="link" onClick=${() => setOpen(!open)}>${open ? t("message.fewer") : t("message.and.more", { n: all.length - shown.length })}</button>`}
    </dd>
  `;
}

/** @param {string} name */
const cut = (name) => (name.length > longName ? `${name.slice(0, longName)}…` : name);
