// Writing a test message: the way in. The form is loaded when it is needed.

import { signal } from "@preact/signals";
import { command } from "./command.js";
import { t } from "./i18n.js";
import { html, lazily } from "./view.js";

/** @typedef {import("./compose/form.js").Draft} Draft */

/** What is being written; null: nothing. */
const draft = signal(/** @type {Partial<Draft> | null} */ (null));

/** @param {Partial<Draft>} [begin] what stands in it at first */
export function openCompose(begin = {}) {
  draft.value = begin;
}

const Form = lazily(async () => (await import("./compose/form.js")).ComposeForm);

/** Where it is shown: once, in the page's frame. */
export function Compose() {
  return draft.value && html`<${Form} begin=${draft.value} onClose=${() => (draft.value = null)} />`;
}

command({ id: "compose", title: () => t("compose.title"), group: () => t("setup.group"), keys: ["c"], run: () => openCompose() });
