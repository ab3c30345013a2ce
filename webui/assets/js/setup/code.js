// Text to paste, with a button that copies it.

import { t } from "../i18n.js";
import { Copy } from "../message/copy.js";
import { html } from "../view.js";

/** @param {{text: string, file: string, what: string, id?: string}} props */
export function Code({ text, file, what, id = "" }) {
  return html`
    <figure class="paste" data-snippet=${id}>
      <figcaption><span>${file}</span><${Copy} text=${text} what=${what} label=${t("setup.copy")} /></figcaption>
      <pre tabindex="0" aria-label=${what} dir="ltr"><code>${text}</code></pre>
    </figure>
  `;
}
