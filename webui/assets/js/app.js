// The page: what is where, and what starts when.

import { render } from "preact";
import { failure } from "./actions.js";
import { BoxesPane } from "./boxes.js";
import { ariaKeys, command, commands, run } from "./command.js";
import { Compose } from "./compose.js";
import { Questions } from "./dialog.js";
import * as drop from "./drop.js";
import { Help } from "./help.js";
import { language, languages, lang, t } from "./i18n.js";
import * as icons from "./icons.js";
import * as keys from "./keys.js";
import { Separator, boxesPane, drawer, drawerOpen, listPane, onePane } from "./layout.js";
import { List } from "./list.js";
import * as live from "./live.js";
import * as mail from "./mail.js";
import * as mailboxes from "./mailboxes.js";
import { MessagePane } from "./message.js";
import * as notify from "./notify.js";
import { Palette } from "./palette.js";
import { Settings } from "./preferences.js";
import { follow, go, href, route } from "./route.js";
import { Naming } from "./saved.js";
import { Search } from "./search.js";
import { TagDialog } from "./tags.js";
import { otherTheme } from "./theme.js";
import { Toasts } from "./toast.js";
import { html, lazily } from "./view.js";

/** @typedef {import("./route.js").Route} Route */

/** @type {Partial<Route>} */
const allMail = { view: "mail", box: "", unseen: false, q: "", id: "", tab: "" };

const views = {
  sessions: lazily(async () => (await import("./sessions.js")).Sessions),
  setup: lazily(async () => (await import("./setup.js")).Setup),
  faults: lazily(async () => (await import("./faults.js")).Faults),
};

function App() {
  const { view, id } = route.value;
  const state = view !== "mail" ? "app" : id ? "app reading" : mail.empty.value ? "app bare" : "app";
  return html`
    <div class=${state} data-view=${view} style=${{ "--boxes": `${boxesPane.width.value}px`, "--list": `${listPane.width.value}px` }}>
      <a class="skip button bordered" href="#main" onClick=${skip}>${t("shell.skip")}</a>
      <${Top} />
      <${Notices} />
      <${BoxesPane} />
      <main id="main" tabindex="-1">
        ${!drawer.value && html`<${Separator} pane=${boxesPane} controls="boxes" label=${t("shell.boxes.width")} class="after-boxes" />`}
        ${view === "mail" ? html`<${Mail} />` : html`<section class="stage" key=${view} data-stage=${view}><${views[view]} /></section>`}
      </main>
    </div>
    <${Compose} />
    <${drop.Imports} />
    <${Questions} />
    <${Toasts} />
    <${TagDialog} />
    <${Naming} />
    <${Palette} />
    <${Help} />
  `;
}

function Mail() {
  return html`
    <${List} />
    ${!onePane.value && !mail.empty.value && html`<${Separator} pane=${listPane} controls="list" label=${t("shell.list.width")} class="after-list" />`}
    <${MessagePane} />
  `;
}

/** Focuses the first thing in the main part: what has the id has no box of its own. */
function skip(/** @type {Event} */ e) {
  e.preventDefault();
  const first = document.querySelector("main > :not(.separator) :is(a[href], button, input, [tabindex='0'])");
  if (first instanceof HTMLElement) first.focus();
}

function Top() {
  return html`
    <header class="top">
      <div class="top-start">
        ${drawer.value &&
        html`
          <button type="button" class="button icon-only" aria-label=${t("shell.boxes.open")} title=${t("shell.boxes.open")} aria-haspopup="dialog" onClick=${() => (drawerOpen.value = true)}>
            <${icons.menu} />
          </button>
        `}
        <a class="brand" href=${href(allMail)} aria-label="Restante" onClick=${follow(allMail)}>
          <svg viewBox="0 0 32 32" aria-hidden="true"><rect x="2" y="6" width="28" height="20" rx="3.500" /><path d="M5.500 10.500 16 18.500 26.500 10.500" /></svg>
          <span>Restante</span>
        </a>
      </div>
      <${Search} />
      <div class="top-actions">
        <${Act} id="compose" icon=${icons.write} labelled />
        <${Act} id="import" icon=${icons.upload} />
        <${Settings} />
      </div>
    </header>
  `;
}

/**
 * A button for a command.
 * @param {{id: string, icon: unknown, labelled?: boolean}} props
 */
function Act({ id, icon, labelled = false }) {
  const title = commands.value.find((c) => c.id === id)?.title();
  if (!title) return null;
  return html`
    <button type="button" class=${labelled ? "button bordered" : "button icon-only"} title=${title} aria-label=${title} aria-keyshortcuts=${ariaKeys(id)} onClick=${() => run(id)}>
      <${icon} />${labelled && html`<span class="label">${title}</span>`}
    </button>
  `;
}

function Notices() {
  const offline = !live.online.value;
  if (!offline && !failure.value) return null;
  return html`
    <div class="notices" role="alert">
      ${offline && html`<p class="offline">${t("shell.offline")}</p>`}
      ${failure.value &&
      html`<p class="failed"><span>${failure.value}</span> <button type="button" class="link" onClick=${() => (failure.value = "")}>${t("shell.dismiss")}</button></p>`}
    </div>
  `;
}

const places = () => t("shell.go");
const look = () => t("shell.look");
command({ id: "go.all", title: () => t("shell.go.all"), group: places, keys: ["g a"], run: () => go(allMail) });
command({ id: "go.unseen", title: () => t("shell.go.unseen"), group: places, keys: ["g u"], run: () => go({ ...allMail, unseen: true }) });
command({ id: "go.sessions", title: () => t("shell.go.sessions"), group: places, keys: ["g s"], run: () => go({ view: "sessions", session: "", failed: false }) });
command({ id: "go.failed", title: () => t("shell.go.failed"), group: places, run: () => go({ view: "sessions", session: "", failed: true }) });
command({ id: "go.setup", title: () => t("shell.go.setup"), group: places, keys: ["g h"], run: () => go({ view: "setup" }) });
command({ id: "go.faults", title: () => t("shell.go.faults"), group: places, keys: ["g f"], run: () => go({ view: "faults" }) });
command({ id: "theme", title: () => t("shell.look.theme"), group: look, keys: ["t"], run: otherTheme });
command({
  id: "language",
  title: () => t("shell.look.language", { name: languages[otherLanguage()] }),
  group: look,
  run: () => (language.value = otherLanguage()),
});

const otherLanguage = () => (lang.value === "en" ? "zh-Hans" : "en");

live.start();
drop.start();
mailboxes.start();
notify.start();
keys.listen();
render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
