// How to send mail here and how to fetch it: what the page shows before there
// is any, and whenever it is asked for.

import { useEffect, useState } from "preact/hooks";
import { toast } from "./actions.js";
import * as api from "./api.js";
import { openCompose } from "./compose.js";
import { pickFiles } from "./drop.js";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import * as live from "./live.js";
import { Copy } from "./message/copy.js";
import { useReason } from "./reason.js";
import { follow, go, href, route } from "./route.js";
import { setting } from "./settings.js";
import { Choices } from "./setup/choices.js";
import { Clients } from "./setup/clients.js";
import { Code } from "./setup/code.js";
import { hostPort, places } from "./setup/places.js";
import { snippets } from "./setup/snippets.js";
import { html } from "./view.js";

/**
 * @typedef {import("./setup/places.js").Places} Places
 * @typedef {import("./setup/places.js").Door} Door
 */

const language = setting("snippet", "curl");

/** The view of its own: it says when mail comes, and leads there. */
export function Setup() {
  return html`<div class="setup stage-page"><${Lesson} /></div>`;
}

/** The same where the mail would be, which takes its place when it comes. */
export function FirstSteps() {
  return html`<div class="setup stage-page first"><${Lesson} first /></div>`;
}

/** @param {{first?: boolean}} props */
function Lesson({ first = false }) {
  const [info, setInfo] = useState(/** @type {import("./api.js").ServerInfo | null} */ (null));
  const { problem, tries, fail } = useReason();
  useEffect(() => {
    api.serverInfo().then(setInfo, fail);
  }, [tries]);
  if (problem) return html`<p role="alert">${problem}</p>`;
  if (!info) return null;
  const all = places(info);
  return html`
    <header>
      <h1>${first ? t("setup.empty") : t("setup.title")}</h1>
      <p>${t("setup.what")}</p>
      <div class="setup-do">
        <button type="button" class="button bordered" onClick=${() => openCompose()}><${icons.write} /> ${t("compose.title")}</button>
        <button type="button" class="button bordered" onClick=${pickFiles}><${icons.upload} /> ${t("setup.import")}</button>
      </div>
    </header>
    <${Arrived} none=${!info.counts.messages} />
    <${Addresses} places=${all} />
    ${all.smtp ? html`<${Snippets} places=${all} door=${all.smtp} />` : html`<p>${t("setup.off")}</p>`}
    ${(all.pop3 || all.pop3s) && html`<${Clients} places=${all} />`}
  `;
}

/**
 * Says that mail came, and leads there: by itself when it is the first.
 * @param {{none: boolean}} props there was no mail before
 */
function Arrived({ none }) {
  const [newest, setNewest] = useState(/** @type {import("./api.js").Summary | null} */ (null));
  useEffect(
    () =>
      live.on("stored", (/** @type {import("./api.js").Summary} */ m) => {
        if (!none) return setNewest(m);
        toast(t("setup.came"));
        if (route.peek().view === "setup") go({ view: "mail", box: "", unseen: false, q: "", id: m.id, tab: "" });
      }),
    [],
  );
  const to = newest && { view: /** @type {const} */ ("mail"), box: "", unseen: false, q: "", id: newest.id, tab: "" };
  return html`
    <div class="arrived" role="status">
      ${newest &&
      to &&
      html`
        <p>
          <${icons.check} />
          <span>${t("setup.arrived")} <bdi>${newest.subject || t("shell.noSubject")}</bdi></span>
          <a class="button primary" href=${href(to)} onClick=${follow(to)}>${t("setup.look")}</a>
        </p>
      `}
    </div>
  `;
}

/** @param {{places: Places}} props */
function Addresses({ places: p }) {
  const secure = p.startTLS ? "STARTTLS" : t("setup.plain");
  return html`
    <section class="setup-part" aria-labelledby="setup-addresses">
      <h2 id="setup-addresses">${t("setup.settings")}</h2>
      <dl class="addresses">
        <${Address} name=${t("setup.send")} protocol="SMTP" door=${p.smtp} how=${p.startTLS ? t("setup.maybe", { how: secure }) : secure} />
        ${p.smtps && html`<${Address} name=${t("setup.send")} protocol="SMTPS" door=${p.smtps} how="TLS" />`}
        <${Address} name=${t("setup.fetch")} protocol="POP3" door=${p.pop3} how=${p.startTLS ? t("setup.maybe", { how: "STLS" }) : secure} />
        ${p.pop3s && html`<${Address} name=${t("setup.fetch")} protocol="POP3S" door=${p.pop3s} how="TLS" />`}
        <div>
          <dt>${t("setup.login")}</dt>
          <dd>${p.users ? t("setup.login.users") : p.auth ? t("setup.login.required") : t("setup.login.any")}</dd>
        </div>
      </dl>
      <p class="quiet">${t("setup.boxes")}</p>
      ${p.startTLS && html`<p class="quiet">${t("setup.trust")} <code>restante cert</code></p>`}
    </section>
  `;
}

/** @param {{name: string, protocol: string, door: Door | null, how: string}} props */
function Address({ name, protocol, door, how }) {
  return html`
    <div data-door=${protocol}>
      <dt>${name} <span class="badge">${protocol}</span></dt>
      <dd>
        ${door ? html`<code>${hostPort(door)}</code><${Copy} text=${hostPort(door)} what=${protocol} /><span class="quiet">${how}</span>` : html`<span class="quiet">${t("setup.isOff")}</span>`}
      </dd>
    </div>
  `;
}

/** @param {{places: Places, door: Door}} props */
function Snippets({ places: p, door }) {
  const all = snippets({ door, startTLS: p.startTLS, auth: p.auth });
  const one = all.find((each) => each.id === language.value) ?? all[0];
  return html`
    <section class="setup-part" aria-labelledby="setup-code">
      <h2 id="setup-code">${t("setup.code")}</h2>
      <p>${t("setup.code.why")}</p>
      <${Choices} label=${t("setup.code")} all=${all} chosen=${one.id} onChoose=${(/** @type {string} */ id) => (language.value = id)}>
        <${Code} id=${one.id} file=${one.file} what=${one.name} text=${one.text} />
        ${p.auth && html`<p class="quiet">${t("setup.code.login")}</p>`}
      <//>
    </section>
  `;
}
