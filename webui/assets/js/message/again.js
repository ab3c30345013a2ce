// Sending a message once more: here, or from a terminal.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import * as actions from "../actions.js";
import * as api from "../api.js";
import { Dialog } from "../dialog.js";
import { t } from "../i18n.js";
import { go } from "../route.js";
import { html } from "../view.js";
import { curl, serverAt, swaks } from "./command.js";
import { Copy } from "./copy.js";

/** @typedef {import("../api.js").Message} Message */

/** Whether the dialog is open. */
export const asking = signal(false);

/** @param {{m: Message}} props */
export function Again({ m }) {
  const [info, setInfo] = useState(/** @type {(api.Info & {authRequired?: boolean}) | null | undefined} */ (undefined));
  useEffect(() => {
    api.info().then(setInfo, () => setInfo(null)); // without it there are no commands
  }, []);
  const close = () => (asking.value = false);
  const send = async () => {
    close();
    await actions.act(async () => {
      const { id } = await api.sendAgain(m);
      actions.toast(t("message.again.done"), { action: { label: t("message.again.open"), run: () => go({ id, tab: "" }) } });
    });
  };
  const where = info?.smtp && {
    raw: new URL(api.rawURL(m.id), document.baseURI).href,
    server: serverAt(info.smtp, location.hostname),
    login: info.authRequired ?? false,
    user: m.envelope.user,
  };
  if (info === undefined) return null; // a dialog that grows moves its buttons
  return html`
    <${Dialog} title=${t("message.again")} onClose=${close} class="again">
      <div class="dialog-body">
        <p>${t("message.again.how")}:</p>
        <p class="path"><span>${m.envelope.sender || "<>"}</span> → <span>${m.envelope.recipients.map((r) => r.address).join(", ")}</span></p>
        <button type="button" class="button primary" autofocus onClick=${send}>${t("message.again")}</button>
        ${where &&
        html`
          <h3>${t("message.again.other")}</h3>
          ${where.login && html`<p class="quiet">${t("message.again.login")}</p>`}
          <${Snippet} name="curl" text=${curl(m, where)} label=${t("message.again.curl")} />
          <${Snippet} name="swaks" text=${swaks(m, where)} label=${t("message.again.swaks")} />
        `}
      </div>
    <//>
  `;
}

/** @param {{name: string, text: string, label: string}} props */
function Snippet({ name, text, label }) {
  return html`
    <div class="command" data-command=${name}>
      <pre tabindex="0" aria-label=${name}>${text}</pre>
      <${Copy} text=${text} what=${name} label=${label} />
    </div>
  `;
}
