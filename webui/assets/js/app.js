// The page: what is where, and what starts when.

import { effect } from "@preact/signals";
import { render } from "preact";
import { failure } from "./actions.js";
import { count } from "./format.js";
import * as keys from "./keys.js";
import { List } from "./list.js";
import * as live from "./live.js";
import * as mail from "./mail.js";
import { MessagePane } from "./message.js";
import { follow, href, route } from "./route.js";
import { Search } from "./search.js";
import { html } from "./view.js";

function App() {
  const { id } = route.value;
  const view = id ? "app reading" : mail.empty.value ? "app bare" : "app";
  return html`
    <div class=${view}>
      <${Top} />
      <${Notices} />
      <main>
        <${List} />
        <${MessagePane} />
      </main>
    </div>
  `;
}

function Top() {
  const { total, unseen } = mail.totals.value;
  return html`
    <header class="top">
      <a class="brand" href=${href({ q: "", id: "", tab: "" })} onClick=${follow({ q: "", id: "", tab: "" })}>
        <svg viewBox="0 0 32 32" aria-hidden="true"><rect x="2" y="6" width="28" height="20" rx="3.5" /><path d="M5.5 10.5 16 18.5 26.5 10.5" /></svg>
        Restante
      </a>
      <${Search} />
      <p class="totals" role="status">
        ${total > 0 && html`<span>${count(total)} kept</span>${unseen > 0 && html`<span class="unseen">${count(unseen)} unseen</span>`}`}
      </p>
    </header>
  `;
}

function Notices() {
  const offline = !live.online.value;
  if (!offline && !failure.value) return null;
  return html`
    <div class="notices" role="alert">
      ${offline && html`<p class="offline">The server cannot be reached. What is shown may be out of date; it is tried again all the time.</p>`}
      ${failure.value && html`<p class="failed">${failure.value} <button class="link" onClick=${() => (failure.value = "")}>Dismiss</button></p>`}
    </div>
  `;
}

effect(() => {
  const { unseen } = mail.totals.value;
  document.title = unseen ? `(${count(unseen)}) Restante` : "Restante";
});

let query = route.value.q;
effect(() => {
  const { q } = route.value;
  if (q === query) return;
  query = q;
  mail.cursor.value = "";
  mail.reload();
});

mail.reload();
live.start();
keys.listen();
render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
