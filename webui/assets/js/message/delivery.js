// How a message came, who got it, and who fetched it.

import { useEffect, useState } from "preact/hooks";
import * as api from "../api.js";
import { exactly, size } from "../format.js";
import { t } from "../i18n.js";
import * as live from "../live.js";
import { useReason } from "../reason.js";
import { follow, href } from "../route.js";
import { words } from "../sessions/words.js";
import { html } from "../view.js";
import { Copy } from "./copy.js";
import { namedIn } from "./people.js";
import { Transcript } from "./transcript.js";

/**
 * @typedef {import("../api.js").Message} Message
 * @typedef {import("../api.js").Recipient} Recipient
 * @typedef {Awaited<ReturnType<typeof api.sessionsOf>>[number]} Session
 */

/** @param {{m: Message}} props */
export function Delivery({ m }) {
  return html`
    <section aria-labelledby="envelope-title">
      <h2 id="envelope-title">${t("message.envelope")}</h2>
      <${Envelope} m=${m} />
    </section>
    <section aria-labelledby="sessions-title">
      <h2 id="sessions-title">${t("message.sessions")}</h2>
      <${Sessions} m=${m} />
    </section>
  `;
}

/** @param {{m: Message}} props */
function Envelope({ m }) {
  const e = m.envelope;
  const params = [
    e.body && `BODY=${e.body}`,
    e.smtputf8 && "SMTPUTF8",
    e.ret && `RET=${e.ret}`,
    e.envid && `ENVID=${e.envid}`,
    e.auth !== undefined && `AUTH=${e.auth || "<>"}`,
  ].filter(Boolean);
  return html`
    <dl class="facts envelope">
      <dt>${t("message.envelope.sender")}</dt>
      <dd>${e.sender || t("message.envelope.null")}</dd>
      <dt>${t("message.envelope.recipients")}</dt>
      <dd><${Recipients} m=${m} /></dd>
      <dt>${t("message.envelope.params")}</dt>
      <dd>${params.length ? html`<code>${params.join(" ")}</code>` : t("message.envelope.none")}</dd>
      <dt>${t("message.envelope.client")}</dt>
      <dd>${e.helo ? t("message.envelope.helo", { name: `${e.extended ? "EHLO" : "HELO"} ${e.helo}`, remote: e.remote }) : e.remote}</dd>
      <dt>${t("message.envelope.tls")}</dt>
      <dd>${e.tls ? [e.tls, e.cipher].filter(Boolean).join(", ") : t("message.envelope.plain")}</dd>
      <dt>${t("message.envelope.auth")}</dt>
      <dd>${e.user ? (e.mechanism ? t("message.envelope.by", { user: e.user, mechanism: e.mechanism }) : e.user) : t("message.envelope.anonymous")}</dd>
      <dt>${t("message.envelope.size")}</dt>
      <dd>${size(m.size)} <span class="quiet">${t("message.envelope.octets", { n: m.size })}${e.size > 0 && e.size !== m.size && ` · ${t("message.envelope.declared", { n: e.size })}`}</span></dd>
      <dt>${t("message.envelope.received")}</dt>
      <dd><time datetime=${m.received}>${exactly(m.received)}</time></dd>
      <dt>${t("message.envelope.dated")}</dt>
      <dd>${m.date ? html`<time datetime=${m.date}>${exactly(m.date)}</time>` : t("message.envelope.none")}</dd>
      <dt>${t("message.envelope.id")}</dt>
      <dd>${m.messageId ? html`<code>${m.messageId}</code> <${Copy} text=${m.messageId} what="Message-ID" />` : t("message.envelope.none")}</dd>
      <dt>${t("message.envelope.here")}</dt>
      <dd><code>${m.id}</code> <${Copy} text=${m.id} what=${t("message.envelope.here")} /></dd>
    </dl>
  `;
}

const fewRecipients = 50;

/** @param {{m: Message}} props */
function Recipients({ m }) {
  const [shown, setShown] = useState(fewRecipients);
  const all = m.envelope.recipients;
  return html`
    <ul class="recipients">
      ${all.slice(0, shown).map((r, i) => html`<${RecipientRow} key=${i} m=${m} r=${r} />`)}
    </ul>
    ${all.length > shown && html`<button type="button" class="link" onClick=${() => setShown(shown * 10)}>${t("message.and.more", { n: all.length - shown })}</button>`}
  `;
}

/** @param {{m: Message, r: Recipient}} props */
function RecipientRow({ m, r }) {
  const params = [r.notify.length > 0 && `NOTIFY=${r.notify.join(",")}`, r.orcpt && `ORCPT=${r.orcptType || "rfc822"};${r.orcpt}`].filter(Boolean).join(" ");
  const field = namedIn(m, r.address);
  const mailbox = r.mailbox && { box: r.mailbox, id: "", tab: "", q: "", unseen: false };
  return html`
    <li class=${r.hidden ? "hidden-one" : ""}>
      <span class="who">${r.address}</span>
      ${r.hidden ? html`<span class="badge strong" title=${t("message.hidden.why")}>${t("message.hidden")}</span>` : html`<span class="badge">${field === "cc" ? t("message.cc") : t("message.to")}</span>`}
      ${params && html`<code>${params}</code>`}
      <span class="quiet">
        → ${mailbox ? html`<a href=${href(mailbox)} onClick=${follow(mailbox)} title=${t("message.mailbox.open", { name: r.mailbox })}>${r.mailbox}</a>` : t("message.envelope.gone")}
      </span>
    </li>
  `;
}

/** @param {{m: Message}} props */
function Sessions({ m }) {
  const [all, setAll] = useState(/** @type {Session[] | null} */ (null));
  const { problem, tries, fail } = useReason();
  const [ended, setEnded] = useState(0); // sessions that ended while this is shown
  useEffect(() => live.on("session", () => setEnded((n) => n + 1)), []);
  useEffect(() => {
    const stop = new AbortController();
    api.sessionsOf(m.id, stop.signal).then(setAll, (e) => stop.signal.aborted || fail(e));
    return () => stop.abort();
  }, [m.id, ended, tries]);

  if (problem) return html`<p class="quiet">${problem}</p>`;
  if (!all) return html`<p class="quiet" aria-busy="true"></p>`;
  if (!m.session && !all.length) return html`<p class="quiet">${t("message.sessions.none")}</p>`;
  return html`
    ${m.session && !all.some((s) => s.id === m.session) && html`<p class="quiet">${t("message.sessions.open")}</p>`}
    ${all.map((s) => html`<${SessionRow} key=${s.id} m=${m} s=${s} />`)}
  `;
}

/** @param {{m: Message, s: Session}} props */
function SessionRow({ m, s }) {
  const brought = s.id === m.session;
  const [open, setOpen] = useState(brought);
  const to = /** @type {const} */ ({ view: "sessions", session: s.id, failed: false });
  return html`
    <details class="session" open=${open} onToggle=${(/** @type {any} */ e) => setOpen(e.target.open)} data-session=${s.id}>
      <summary>
        <b>${brought ? t("message.sessions.brought") : t("message.sessions.fetched", { user: s.user })}</b>
        <span class="quiet">${exactly(s.started)} · <span class=${s.failed ? "failed" : ""}>${words(s)}</span></span>
      </summary>
      ${open && html`<${Record} id=${s.id} message=${brought ? m.id : ""} />`}
      <p><a href=${href(to)} onClick=${follow(to)}>${t("message.sessions.show")}</a></p>
    </details>
  `;
}

/** @param {{id: string, message: string}} props */
function Record({ id, message }) {
  const [record, setRecord] = useState(/** @type {api.SessionRecord | null} */ (null));
  const { problem, tries, fail } = useReason();
  useEffect(() => {
    const stop = new AbortController();
    api.sessionRecord(id, stop.signal).then(setRecord, (e) => stop.signal.aborted || fail(e));
    return () => stop.abort();
  }, [id, tries]);
  if (problem) return html`<p class="quiet">${problem}</p>`;
  if (!record) return html`<p class="quiet" aria-busy="true"></p>`;
  return html`<${Transcript} lines=${record.transcript} truncated=${record.truncated} message=${message} />`;
}
