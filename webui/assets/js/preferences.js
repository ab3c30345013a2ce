// The menu of settings: theme, language, notifications, and what this is.

import { useEffect, useState } from "preact/hooks";
import * as api from "./api.js";
import { run } from "./command.js";
import { language, languages, t } from "./i18n.js";
import * as icons from "./icons.js";
import { Popup } from "./menu.js";
import * as notify from "./notify.js";
import { theme, themes } from "./theme.js";
import { html } from "./view.js";

/** @typedef {import("./i18n.js").Key} Key */

export function Settings() {
  return html`
    <${Popup}
      kind="dialog"
      label=${t("shell.settings")}
      face=${html`<${icons.gear} />`}
      panel="settings"
      content=${(/** @type {() => void} */ close) => html`<${Panel} close=${close} />`}
    />
  `;
}

/** @param {{close: () => void}} props */
function Panel({ close }) {
  const help = () => {
    close();
    run("help");
  };
  return html`
    <h2>${t("shell.settings")}</h2>
    <${Choice}
      name="theme"
      legend=${t("shell.theme")}
      value=${theme.value}
      all=${themes.map((v) => [v, t(/** @type {Key} */ (`shell.theme.${v}`))])}
      onChange=${(/** @type {any} */ v) => (theme.value = v)}
    />
    <${Choice}
      name="language"
      legend=${t("shell.language")}
      value=${language.value}
      all=${[["", t("shell.language.system")], ...Object.entries(languages)]}
      onChange=${(/** @type {any} */ v) => (language.value = v)}
    />
    <div class="row-of">
      <label class="switch">
        ${t("shell.notify")}
        <input
          type="checkbox"
          role="switch"
          checked=${notify.wanted.value}
          disabled=${notify.allowed.value === "impossible"}
          onChange=${(/** @type {Event} */ e) => notify.switchNotifications(/** @type {HTMLInputElement} */ (e.target).checked)}
        />
      </label>
      <p class="why" role="status">
        ${notify.allowed.value === "impossible" ? t("shell.notify.impossible") : notify.allowed.value === "denied" ? t("shell.notify.denied") : null}
      </p>
    </div>
    <div class="links">
      <button type="button" class="link" onClick=${help}>${t("shell.keys")}</button>
      <a href="docs">${t("shell.docs")}</a>
    </div>
    <${About} />
  `;
}

/**
 * @param {{name: string, legend: string, value: string, all: [string, string][], onChange: (value: string) => void}} props
 */
function Choice({ name, legend, value, all, onChange }) {
  return html`
    <fieldset>
      <legend>${legend}</legend>
      <div class="segmented">
        ${all.map(
          ([v, label]) => html`
            <label key=${v}><input type="radio" name=${name} value=${v} checked=${v === value} onChange=${() => onChange(v)} />${label}</label>
          `,
        )}
      </div>
    </fieldset>
  `;
}

function About() {
  const [info, setInfo] = useState(/** @type {import("./api.js").Info | null} */ (null));
  useEffect(() => {
    api.info().then(setInfo, () => {});
  }, []);
  return html`<p class="about">Restante ${info?.version}</p>`;
}
