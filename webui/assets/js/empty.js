// No mail yet: how to send the first one.

import { useEffect, useState } from "preact/hooks";
import * as api from "./api.js";
import * as icons from "./icons.js";
import { html } from "./view.js";

/** @param {string} address "host:port"; a wildcard host is reached as localhost */
function reachable(address) {
  return address.replace(/^(0\.0\.0\.0|\[::\])?:/, "localhost:");
}

/** @param {string} smtp */
const curl = (smtp) => String.raw`printf '%s\r\n' 'From: me@example.test' 'To: you@example.test' 'Subject: Hello' '' 'It works.' |
  curl -sS smtp://${smtp} -T - \
    --mail-from me@example.test --mail-rcpt you@example.test`;

export function Empty() {
  const [info, setInfo] = useState(/** @type {import("./api.js").Info | null} */ (null));
  useEffect(() => {
    api.info().then(setInfo, () => {});
  }, []);
  if (!info) return null;
  const smtp = info.smtp && reachable(info.smtp);
  return html`
    <div class="empty">
      <h2>No mail yet</h2>
      <p>Whatever your app sends here is kept and shown, and goes nowhere else.</p>
      <dl>
        <dt>Send to (SMTP)</dt>
        <dd><code>${smtp || "off"}</code></dd>
        <dt>Fetch from (POP3)</dt>
        <dd><code>${info.pop3 ? reachable(info.pop3) : "off"}</code></dd>
        <dt>User, password</dt>
        <dd>any, or none</dd>
      </dl>
      ${smtp && html`<p>Send a first one:</p><${Snippet} text=${curl(smtp)} />`}
    </div>
  `;
}

/** @param {{text: string}} props */
function Snippet({ text }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return html`
    <div class="snippet">
      <pre tabindex="0">${text}</pre>
      ${navigator.clipboard &&
      html`<button onClick=${copy} aria-live="polite"><${icons.copy} /> ${copied ? "Copied" : "Copy"}</button>`}
    </div>
  `;
}
