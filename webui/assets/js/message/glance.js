// What most readers open a message for: who really gets it; the code, the link,
// the files, what is wrong.

import { useState } from "preact/hooks";
import * as api from "../api.js";
import { size } from "../format.js";
import { t } from "../i18n.js";
import * as icons from "../icons.js";
import { follow, href } from "../route.js";
import { html } from "../view.js";
import { brief } from "./address.js";
import { Copy } from "./copy.js";
import { file, hidden } from "./icons.js";
import { Invitation, calendarOf } from "./invitation.js";
import { Differs, Out } from "./link.js";
import { leftOut } from "./people.js";

/** @typedef {import("../api.js").Message} Message */

const fewRecipients = 8;
const fewLinks = 3;
const fewCodes = 3;
const fewFiles = 5;
const longDetail = 80; // characters of what a defect is about

/** @param {{m: Message}} props */
export function Glance({ m }) {
  const invitation = calendarOf(m);
  if (!invitation && !m.codes.length && !m.links.some(pointing) && !m.attachments.some(offered) && !m.defects.length) return null;
  return html`
    <dl class="fields finds">
      ${invitation && html`<${Invitation} key=${invitation.path} id=${m.id} part=${invitation} />`}
      <${Codes} m=${m} />
      <${Links} m=${m} />
      <${Files} m=${m} />
      <${Defects} m=${m} />
    </dl>
  `;
}

/** @param {import("../api.js").Link} l */
const pointing = (l) => l.where !== "header";

/** @param {import("../api.js").Attachment} a */
const offered = (a) => !a.inline;

/** @param {{m: Message}} props */
export function Delivered({ m }) {
  const [all, setAll] = useState(false);
  const { recipients } = m.envelope;
  // Hidden ones first: they are what nobody sees elsewhere.
  const sorted = recipients.length > fewRecipients ? [...recipients.filter((r) => r.hidden), ...recipients.filter((r) => !r.hidden)] : recipients;
  const shown = all ? sorted : sorted.slice(0, fewRecipients);
  const missed = leftOut(m);
  return html`
    <dt>${t("message.delivered")}</dt>
    <dd class="delivered">
      ${recipients.length === 0 && html`<span class="quiet">${t("message.delivered.none")}</span>`}
      <ul class="chips">
        ${shown.map((r, i) => html`<li key=${i}><${Rcpt} r=${r} /></li>`)}
        ${recipients.length > fewRecipients &&
        html`<li><button type="button" class="link" onClick=${() => setAll(!all)}>${all ? t("message.fewer") : t("message.and.more", { n: recipients.length - shown.length })}</button></li>`}
      </ul>
      ${missed.length > 0 &&
      html`<p class="missed" title=${t("message.delivered.not.why")}><${icons.warning} /><span>${t("message.delivered.not")} <b>${missed.slice(0, fewRecipients).join(", ")}</b>${missed.length > fewRecipients && ` ${t("message.and.more", { n: missed.length - fewRecipients })}`}</span></p>`}
    </dd>
  `;
}

/** @param {{r: import("../api.js").Recipient}} props */
function Rcpt({ r }) {
  const content = html`<bdi>${r.address}</bdi>${r.hidden && html` <span class="badge strong" title=${t("message.hidden.why")}><${hidden} />${t("message.hidden")}</span>`}`;
  const kind = r.hidden ? "rcpt bcc" : "rcpt";
  if (!r.mailbox) return html`<span class=${kind}>${content}</span>`;
  const to = { box: r.mailbox, q: "", unseen: false };
  return html`<a class=${kind} href=${href(to)} onClick=${follow(to)} title=${t("message.mailbox.open", { name: r.mailbox })}>${content}</a>`;
}

/** @param {{m: Message}} props */
function Codes({ m }) {
  if (!m.codes.length) return null;
  const shown = m.codes.slice(0, fewCodes);
  return html`
    <dt>${shown.length > 1 ? t("message.codes") : t("message.code")}</dt>
    <dd class="chips">
      ${shown.map((c) => html`<span key=${c.code} class="code-chip" title=${c.context}><span class="one-time">${c.code}</span><${Copy} text=${c.code} what=${t("message.codes.what", { code: c.code })} /></span>`)}
    </dd>
  `;
}

/** @param {{m: Message}} props */
function Links({ m }) {
  const all = m.links.filter(pointing);
  if (!all.length) return null;
  const rest = m.links.length - Math.min(all.length, fewLinks);
  const to = { tab: "links" };
  return html`
    <dt>${t("message.links")}</dt>
    <dd>
      <ul class="glance-links">
        ${all.slice(0, fewLinks).map(
          (l) => html`
            <li key=${l.href}>
              <${Out} href=${l.href}>${l.text && l.text !== l.href && html`<b>${l.text}</b> `}<span class="quiet">${brief(l.href)}</span><//>
              <${Copy} text=${l.href} what=${t("message.links.address")} />
              <${Differs} link=${l} />
            </li>
          `,
        )}
      </ul>
      ${rest > 0 && html`<a class="link" href=${href(to)} onClick=${follow(to)}>${t("message.links.more", { n: rest })}</a>`}
    </dd>
  `;
}

/** @param {{m: Message}} props */
function Files({ m }) {
  const all = m.attachments.filter(offered);
  if (!all.length) return null;
  const to = { tab: "parts" };
  return html`
    <dt>${t("message.files")}</dt>
    <dd>
      <ul class="attachments" aria-label=${t("message.attachments")}>
        ${all.slice(0, fewFiles).map((a) => {
          const name = a.name || a.type;
          return html`
            <li key=${a.path}>
              <a class="name" href=${href(to)} onClick=${follow(to)} title=${`${name}, ${a.type}`}><${file} /><bdi>${name}</bdi><span class="quiet">${size(a.octets)}</span></a>
              <a class="button icon-only" href=${api.partURL(m.id, a.path)} download title=${t("message.parts.save.what", { what: name })} aria-label=${t("message.parts.save.what", { what: name })}><${icons.download} /></a>
            </li>
          `;
        })}
        ${all.length > fewFiles && html`<li class="more"><a class="link" href=${href(to)} onClick=${follow(to)}>${t("message.and.more", { n: all.length - fewFiles })}</a></li>`}
      </ul>
    </dd>
  `;
}

/** @param {{m: Message}} props */
function Defects({ m }) {
  const [first, ...rest] = m.defects;
  if (!first) return null;
  return html`
    <dt>${t("message.defects")}</dt>
    <dd class="defects">
      <${Defect} d=${first} />
      ${rest.length > 0 &&
      html`
        <details>
          <summary>${t("message.defects.more", { n: rest.length })}</summary>
          ${rest.map((d, i) => html`<${Defect} key=${i} d=${d} />`)}
        </details>
      `}
    </dd>
  `;
}

/** @param {{d: import("../api.js").Defect}} props */
const Defect = ({ d }) => html`<p data-code=${d.code} title=${d.code}><${icons.warning} /><span>${d.detail && html`<code dir="auto">${d.detail.slice(0, longDetail)}</code> `}${told(d)}${d.part && html` <span class="quiet">(${t("message.defect.part", { path: d.part })})</span>`}</span></p>`;

/**
 * The server's own sentence stands for a defect that is newer than the page's words.
 * @param {import("../api.js").Defect} d
 */
function told({ code, text }) {
  const key = /** @type {import("../i18n.js").Key} */ (`defect.${code}`);
  const said = t(key);
  return said === key ? text : said;
}
