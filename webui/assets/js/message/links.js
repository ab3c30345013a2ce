// Where a message leads its reader, and what it tells them to type.

import { t } from "../i18n.js";
import { html } from "../view.js";
import { parsed, safe, trackingOf } from "./address.js";
import { Copy } from "./copy.js";
import { Differs, Out } from "./link.js";

/**
 * @typedef {import("../api.js").Message} Message
 * @typedef {import("../api.js").Link} Link
 */

/** @param {{m: Message}} props */
export function Links({ m }) {
  return html`
    ${m.codes.length > 0 &&
    html`
      <section aria-labelledby="codes-title">
        <h2 id="codes-title">${t("message.codes")}</h2>
        <ul class="codes">
          ${m.codes.map(
            (c) => html`
              <li key=${c.code}>
                <span class="one-time">${c.code}</span>
                <${Copy} text=${c.code} what=${t("message.codes.what", { code: c.code })} />
                <p class="quiet" dir="auto">“…${c.context}…” <span class="badge">${t(`message.codes.where.${c.where}`)}</span></p>
              </li>
            `,
          )}
        </ul>
      </section>
    `}
    <section aria-labelledby="links-title">
      <h2 id="links-title">${t("message.links")}</h2>
      ${m.links.length === 0 && html`<p class="quiet">${t("message.links.none")}</p>`}
      <ol class="links">${m.links.map((link) => html`<${Row} key=${link.href} link=${link} />`)}</ol>
    </section>
    ${m.unsubscribe.length > 0 &&
    html`
      <section aria-labelledby="unsubscribe-title">
        <h2 id="unsubscribe-title">${t("message.unsubscribe")}</h2>
        <ul class="links">
          ${m.unsubscribe.map(
            (u) => html`
              <li key=${u.href} class="link-row">
                <div class="address">
                  <${Address} href=${u.href} />
                  <p><span class="badge">${u.oneClick ? t("message.unsubscribe.one") : /^mailto:/i.test(u.href) ? t("message.unsubscribe.mail") : t("message.unsubscribe.link")}</span></p>
                </div>
                <${Copy} text=${u.href} what=${t("message.links.address")} />
              </li>
            `,
          )}
        </ul>
      </section>
    `}
  `;
}

/** @param {{link: Link}} props */
function Row({ link }) {
  const tracking = trackingOf(link.href);
  const where = /** @type {const} */ ({ html: "message.links.where.html", text: "message.links.where.text", header: "message.links.where.header" })[link.where];
  const named = link.text && link.text !== link.href;
  return html`
    <li class="link-row" data-href=${link.href}>
      <div class="address">
        <p class="says"><b dir="auto">${named ? link.text : link.text ? "" : t("message.links.no.text")}</b> <span class="badge">${t(where)}</span></p>
        <${Address} href=${link.href} />
        <${Differs} link=${link} />
        ${tracking.length > 0 && html`<p class="note">${t("message.links.tracking", { names: tracking.join(", ") })}</p>`}
        ${/^http:/i.test(link.href) && html`<p class="note">${t("message.links.plain")}</p>`}
      </div>
      <${Copy} text=${link.href} what=${t("message.links.address")} />
    </li>
  `;
}

/**
 * An address in full, its host set off.
 * @param {{href: string}} props
 */
function Address({ href }) {
  const url = parsed(href);
  const at = url && safe(href) && url.host ? href.toLowerCase().indexOf(url.host) : -1;
  return html`
    <${Out} href=${href} class="full">
      ${at < 0 ? href : html`${href.slice(0, at)}<b>${href.slice(at, at + /** @type {URL} */ (url).host.length)}</b>${href.slice(at + /** @type {URL} */ (url).host.length)}`}
    <//>
  `;
}
