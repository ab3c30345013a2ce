// One message.

import { useEffect, useState } from "preact/hooks";
import { act, close, deleteMessage } from "./actions.js";
import * as api from "./api.js";
import { exactly, plural, size } from "./format.js";
import * as icons from "./icons.js";
import * as live from "./live.js";
import * as mail from "./mail.js";
import { follow, go, href, route } from "./route.js";
import { Headers, HTML, Source, Text } from "./tabs.js";
import { html } from "./view.js";

/**
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./route.js").Tab} Tab
 */

export function MessagePane() {
  const { id } = route.value;
  const [m, setMessage] = useState(/** @type {Message | null} */ (null));
  const [shown, setShown] = useState(""); // what m was asked for as
  const [problem, setProblem] = useState(/** @type {Error | null} */ (null));

  useEffect(() => {
    setProblem(null);
    if (!id) {
      setMessage(null);
      return undefined;
    }
    const stop = new AbortController();
    api.get(id, stop.signal).then(
      (got) => {
        setMessage(got);
        setShown(id);
        if (!got.seen) act(() => mail.markSeen(id));
      },
      (e) => {
        if (stop.signal.aborted) return;
        setMessage(null);
        setProblem(e);
      },
    );
    return () => stop.abort();
  }, [id]);

  const noted = live.noted.value;
  const seen = noted?.id === m?.id && noted?.seen !== undefined ? noted.seen : m?.seen;
  const gone = (m && live.deleted.value === m.id && shown === id) || (problem instanceof api.Problem && problem.status === 404);

  if (!id) return html`<section class="message nothing"><${Hint} /></section>`;
  if (gone) return html`<section class="message nothing"><${Back} /><p>This message is not here any more.</p></section>`;
  if (problem) return html`<section class="message nothing"><${Back} /><p>${problem.message}</p></section>`;
  if (!m || shown !== id) return html`<section class="message nothing" aria-busy="true"><${Back} /></section>`;
  return html`
    <article class="message" key=${m.id} aria-labelledby="subject">
      <${Head} m=${m} seen=${seen} />
      <${Body} m=${m} />
    </article>
  `;
}

function Hint() {
  if (!mail.items.value.length) return null;
  return html`<p>Choose a message, or walk through them with <kbd>j</kbd> and <kbd>k</kbd>.</p>`;
}

function Back() {
  return html`<a class="back button" href=${href({ id: "", tab: "" })} onClick=${follow({ id: "", tab: "" })} aria-label="Back to the list"><${icons.back} /></a>`;
}

/** @param {{m: Message, seen: boolean}} props */
function Head({ m, seen }) {
  const unsee = () =>
    act(async () => {
      await mail.markSeen(m.id, !seen);
      if (seen) close();
    });
  return html`
    <header class="head">
      <div class="actions">
        <${Back} />
        <span class="space"></span>
        <button class="button" onClick=${unsee} title=${seen ? "Mark as unseen" : "Mark as seen"}>
          <${icons.unread} /><span class="label">${seen ? "Mark unseen" : "Mark seen"}</span>
        </button>
        <a class="button" href=${api.rawURL(m.id)} download title="Download as it was sent"><${icons.download} /><span class="label">Download</span></a>
        <button class="button danger" onClick=${() => deleteMessage(m.id)} title="Delete (#)" aria-keyshortcuts="#">
          <${icons.bin} /><span class="label">Delete</span>
        </button>
      </div>
      <h1 id="subject" class=${m.subject ? "" : "none"} dir="auto">${m.subject || "(no subject)"}</h1>
      <dl class="fields">
        <${Who} label="From" all=${m.from} />
        <${Who} label="To" all=${m.to} />
        <${Who} label="Cc" all=${m.cc} />
        <dt>Date</dt>
        <dd>${m.date ? exactly(m.date) : html`${exactly(m.received)} <span class="quiet">(received; it names no date)</span>`}</dd>
        <${Delivered} m=${m} />
      </dl>
      ${m.attachments.length > 0 && html`<${Attachments} m=${m} />`}
      ${m.defects.length > 0 && html`<${Defects} all=${m.defects} />`}
    </header>
  `;
}

/** @param {{label: string, all: import("./api.js").Address[]}} props */
function Who({ label, all }) {
  if (!all.length) return null;
  return html`
    <dt>${label}</dt>
    <dd>
      ${all.map(
        (a, i) => html`${i > 0 && ", "}<span class="who" dir="auto">${a.name && html`<span class="name">${a.name}</span> `}<span class=${a.name ? "quiet" : ""}>${a.address}</span></span>`,
      )}
    </dd>
  `;
}

const fewRecipients = 12;

/**
 * The envelope: who really gets it.
 * @param {{m: Message}} props
 */
function Delivered({ m }) {
  const [all, setAll] = useState(false);
  const { recipients, sender, user, tls } = m.envelope;
  const shown = all ? recipients : recipients.slice(0, fewRecipients);
  const facts = [user && `signed in as ${user}`, tls].filter(Boolean).join(", ");
  return html`
    <dt>Envelope</dt>
    <dd class="envelope">
      <span class="sender" title="Reverse-path: where bounces go">${sender || "<>"}</span>
      <span class="quiet" aria-label="to"> → </span>
      ${shown.map(
        (r, i) => html`${i > 0 && ", "}<span class=${r.hidden ? "rcpt bcc" : "rcpt"}>${r.address}${r.hidden && html` <small title="Neither To nor Cc names this recipient">hidden</small>`}</span>`,
      )}
      ${shown.length < recipients.length &&
      html`<button class="link" onClick=${() => setAll(true)}>and ${plural(recipients.length - shown.length, "more", "more")}</button>`}
      ${facts && html`<span class="quiet session">${facts}</span>`}
    </dd>
  `;
}

/** @param {{m: Message}} props */
function Attachments({ m }) {
  return html`
    <ul class="attachments" aria-label="Attachments">
      ${m.attachments.map(
        (a) => html`
          <li key=${a.path}>
            <a href=${api.partURL(m.id, a.path)} download=${a.name || "part"} title=${a.type}>
              <${icons.clip} /><span class="name" dir="auto">${a.name || a.type}</span><span class="quiet">${size(a.octets)}</span>
            </a>
          </li>
        `,
      )}
    </ul>
  `;
}

/** @param {{all: import("./api.js").Defect[]}} props */
function Defects({ all }) {
  return html`
    <details class="defects">
      <summary>${plural(all.length, "remark", "remarks")} on how it is made</summary>
      <ul>
        ${all.map((d) => html`<li><code>${d.code}</code> ${d.text}${d.part && html` <span class="quiet">(part ${d.part})</span>`}</li>`)}
      </ul>
    </details>
  `;
}

/** @type {readonly {tab: Tab, label: string, view: unknown}[]} */
const tabs = [
  { tab: "html", label: "HTML", view: HTML },
  { tab: "text", label: "Text", view: Text },
  { tab: "headers", label: "Headers", view: Headers },
  { tab: "source", label: "Source", view: Source },
];

/** @param {{m: Message}} props */
function Body({ m }) {
  const usual = m.html ? "html" : "text";
  const possible = tabs.filter((t) => t.tab !== "html" || m.html);
  const asked = route.value.tab;
  const at = possible.find((t) => t.tab === asked) ?? possible[0];

  // Arrow keys walk through tabs (WAI-ARIA, tabs pattern).
  const onKeyDown = (/** @type {KeyboardEvent} */ e) => {
    const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    e.preventDefault();
    const to = possible[(possible.indexOf(at) + step + possible.length) % possible.length];
    open(to.tab);
    document.getElementById(`tab-${to.tab}`)?.focus();
  };
  const open = (/** @type {Tab} */ tab) => go({ tab: tab === usual ? "" : tab });

  return html`
    <div class="tabs" role="tablist" aria-label="Views" onKeyDown=${onKeyDown}>
      ${possible.map(
        (t) => html`
          <button
            key=${t.tab}
            role="tab"
            id=${`tab-${t.tab}`}
            aria-selected=${t === at ? "true" : "false"}
            aria-controls="view"
            tabindex=${t === at ? 0 : -1}
            onClick=${() => open(t.tab)}
          >
            ${t.label}
          </button>
        `,
      )}
    </div>
    <div class=${`view ${at.tab}`} id="view" role="tabpanel" aria-labelledby=${`tab-${at.tab}`} key=${at.tab}>
      <${at.view} m=${m} />
    </div>
  `;
}
