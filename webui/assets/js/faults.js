// Faults: where their rules are.

import { t, tt } from "./i18n.js";
import { html } from "./view.js";

export function Faults() {
  return html`
    <div class="stage-page">
      <h1>${t("shell.faults")}</h1>
      <p class="quiet">${tt("faults.api", { path: html`<a href="docs"><code>/v1/faults</code></a>` })}</p>
    </div>
  `;
}
