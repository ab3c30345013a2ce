// Mail clients: how to tell them of the server, by hand or by a file.

import { useState } from "preact/hooks";
import { t } from "../i18n.js";
import { setting } from "../settings.js";
import { html } from "../view.js";
import { Code } from "./code.js";
import { muttrc } from "./snippets.js";
import { Choices } from "./choices.js";

/** @typedef {import("./places.js").Places} Places */

/** Whose mail the client is to show. */
const address = setting("address", "alice@app.test");
const chosen = setting("client", "thunderbird");

/** @type {readonly {id: string, name: string, steps: () => string[], Extra?: (props: {places: Places, address: string}) => unknown}[]} */
const clients = [
  {
    id: "thunderbird",
    name: "Thunderbird",
    steps: () => [t("setup.thunderbird.1"), t("setup.thunderbird.2"), t("setup.thunderbird.3"), t("setup.thunderbird.4")],
    Extra: ({ address: who }) => html`
      <p class="quiet">${t("setup.thunderbird.auto")} <a href=${`.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=${encodeURIComponent(who)}`}>config-v1.1.xml</a></p>
    `,
  },
  {
    id: "outlook",
    name: "Outlook",
    steps: () => [t("setup.outlook.1"), t("setup.outlook.2"), t("setup.outlook.3"), t("setup.outlook.4")],
    Extra: () => html`<p class="quiet">${t("setup.outlook.auto")} <code>/autodiscover/autodiscover.xml</code></p>`,
  },
  {
    id: "apple",
    name: "Apple Mail",
    steps: () => [t("setup.apple.1"), t("setup.apple.2"), t("setup.apple.3")],
    Extra: ({ address: who, places: p }) =>
      p.smtp || p.smtps
        ? html`<p><a class="button bordered" download href=${`restante.mobileconfig?email=${encodeURIComponent(who)}`}>${t("setup.apple.profile")}</a></p>`
        : null,
  },
  {
    id: "mutt",
    name: "mutt",
    steps: () => [t("setup.mutt.1"), t("setup.mutt.2")],
    Extra: ({ places: p, address: who }) =>
      html`<${Code} id="mutt" file="restante.muttrc" what="mutt" text=${muttrc({ smtp: p.smtp, pop3: p.pop3, address: who, auth: p.auth })} />`,
  },
];

/** @param {{places: Places}} props */
export function Clients({ places }) {
  const [typed, setTyped] = useState(address.peek());
  const right = /^[^\s@"]+@[^\s@"]+$/.test(typed);
  const c = clients.find((each) => each.id === chosen.value) ?? clients[0];
  const type = (/** @type {Event} */ e) => {
    const text = /** @type {HTMLInputElement} */ (e.target).value.trim();
    setTyped(text);
    if (/^[^\s@"]+@[^\s@"]+$/.test(text)) address.value = text;
  };
  return html`
    <section class="setup-part" aria-labelledby="setup-clients">
      <h2 id="setup-clients">${t("setup.clients")}</h2>
      <p>${t("setup.clients.why")}</p>
      ${(places.auth || places.users) && html`<p class="login">${places.auth && t("setup.clients.login")} ${places.users && t("setup.clients.users")}</p>`}
      <label class="setup-address">
        <span>${t("setup.address")}</span>
        <input class="field" type="email" name="address" value=${typed} onInput=${type} aria-invalid=${!right} spellcheck=${false} autocomplete="off" />
      </label>
      <${Choices} label=${t("setup.clients")} all=${clients} chosen=${c.id} onChoose=${(/** @type {string} */ id) => (chosen.value = id)}>
        <ol class="steps">${c.steps().map((step) => html`<li>${step}</li>`)}</ol>
        ${c.Extra && html`<${c.Extra} places=${places} address=${address.value} />`}
      <//>
    </section>
  `;
}
