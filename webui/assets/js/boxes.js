// The pane of mailboxes: what there is, and how much of it is new.

import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { act } from "./actions.js";
import * as api from "./api.js";
import { Dialog, ask } from "./dialog.js";
import { count } from "./format.js";
import { t } from "./i18n.js";
import * as icons from "./icons.js";
import { drawer, drawerOpen } from "./layout.js";
import * as store from "./mailboxes.js";
import { totals } from "./mail.js";
import { Menu } from "./menu.js";
import { follow, go, href, route } from "./route.js";
import { Saved } from "./saved.js";
import { html } from "./view.js";

/**
 * @typedef {import("./api.js").Mailbox} Mailbox
 * @typedef {import("./route.js").Route} Route
 */

/** @type {Partial<Route>} */
const nothing = { view: "mail", box: "", unseen: false, q: "", id: "", tab: "", session: "", failed: false };

/** The pane, or on small screens the drawer when it is open. */
export function BoxesPane() {
  if (!drawer.value) return html`<${Boxes} />`;
  if (!drawerOpen.value) return null;
  return html`<${Dialog} title=${t("shell.boxes")} bare class="drawer" onClose=${() => (drawerOpen.value = false)}><${Boxes} /><//>`;
}

// Where the drawer led, it is in the way.
let before = route.peek();
effect(() => {
  const { view, box, unseen, failed } = route.value;
  if (view !== before.view || box !== before.box || unseen !== before.unseen || failed !== before.failed) drawerOpen.value = false;
  before = route.value;
});

function Boxes() {
  const { view, box, unseen, failed } = route.value;
  const { total, unseen: fresh } = totals.value;
  const failures = store.failures.value;
  const mail = view === "mail";
  return html`
    <nav class="boxes" id="boxes" aria-label=${t("shell.boxes")} onKeyDown=${walk}>
      <ul>
        <${Place} to=${{}} here=${mail && !box && !unseen} icon=${icons.tray} name=${t("shell.all")} n=${total} />
        <${Place} to=${{ unseen: true }} here=${mail && !box && unseen} icon=${icons.unread} name=${t("shell.unseen")} n=${fresh} class=${fresh ? "fresh-n" : ""} />
        <${Place}
          to=${{ view: "sessions", failed: true }}
          here=${view === "sessions" && failed}
          icon=${icons.alert}
          name=${t("shell.failed")}
          n=${failures}
          over=${store.moreFailures(failures)}
          class=${failures ? "bad" : ""}
        />
      </ul>
      <${Saved} />
      <${Mailboxes} />
      <ul class="boxes-foot">
        <${Place} to=${{ view: "sessions" }} here=${view === "sessions" && !failed} icon=${icons.plug} name=${t("shell.sessions")} />
        <${Place} to=${{ view: "faults" }} here=${view === "faults"} icon=${icons.bolt} name=${t("shell.faults")} />
        <${Place} to=${{ view: "setup" }} here=${view === "setup"} icon=${icons.wrench} name=${t("shell.setup")} />
      </ul>
    </nav>
  `;
}

/**
 * @param {{to: Partial<Route>, here: boolean, icon: unknown, name: string, n?: number, over?: boolean, class?: string}} props
 */
function Place({ to, here, icon, name, n = 0, over = false, class: more = "" }) {
  const change = { ...nothing, ...to };
  return html`
    <li>
      <a class="box" href=${href(change)} aria-current=${here ? "page" : undefined} onClick=${follow(change)}>
        <${icon} /><span class="name">${name}</span>
        ${n > 0 && html`<span class=${`n ${more}`}>${count(n)}${over && "+"}</span>`}
      </a>
    </li>
  `;
}

const typed = signal(""); // in the filter

function Mailboxes() {
  const { view, box } = route.value;
  const all = store.mailboxes.value;
  const chosen = view === "mail" ? box : "";
  const filtered = store.prefix.value !== "";
  // The chosen one is there even if the list has not come to it.
  const elsewhere = chosen && !filtered && store.loaded.value && !all.some((b) => b.name === chosen);
  if (!all.length && !filtered && !elsewhere) return html`<div class="boxes-scroll"></div>`;
  return html`
    <h2 class="boxes-head" id="boxes-head">${t("shell.boxes")}</h2>
    ${(store.many.value || filtered) && html`<${Filter} />`}
    <div class="boxes-scroll">
      <ul aria-labelledby="boxes-head">
        ${elsewhere && html`<${Elsewhere} key=${chosen} name=${chosen} />`}
        ${all.map((b) => html`<${Box} key=${b.name} b=${b} here=${b.name === chosen} />`)}
      </ul>
      ${!all.length && filtered && html`<p class="boxes-none" role="status">${t("shell.filter.none")}</p>`}
      ${store.next.value && html`<button type="button" class="button bordered boxes-more" onClick=${() => act(store.more)}>${t("shell.more")}</button>`}
    </div>
  `;
}

function Filter() {
  const timer = useRef(0);
  const onInput = (/** @type {InputEvent} */ e) => {
    typed.value = /** @type {HTMLInputElement} */ (e.target).value;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => store.filter(typed.peek().trim()), 150);
  };
  return html`
    <div class="boxes-filter">
      <input type="search" class="field" placeholder=${t("shell.filter")} aria-label=${t("shell.filter.label")} autocomplete="off" spellcheck=${false} value=${typed.value} onInput=${onInput} />
    </div>
  `;
}

const here = signal(/** @type {Mailbox | null} */ (null)); // the chosen one, when it is not in the list

/** @param {{name: string}} props */
function Elsewhere({ name }) {
  const all = store.mailboxes.value; // new whenever counts may be
  useEffect(() => {
    let left = false;
    api.mailbox(name).then(
      (b) => left || (here.value = b),
      () => {}, // read again when the server is back
    );
    return () => {
      left = true;
    };
  }, [all]);
  const b = here.value?.name === name ? here.value : { name, messages: 0, unseen: 0, octets: 0, inbox: false };
  return html`<${Box} b=${b} here />`;
}

/** @param {{b: Mailbox, here: boolean}} props */
function Box({ b, here: at }) {
  const change = { ...nothing, box: b.name };
  const cut = b.name.lastIndexOf("@");
  const [local, domain] = cut < 0 ? [b.name, ""] : [b.name.slice(0, cut), b.name.slice(cut)];
  return html`
    <li>
      <a
        class=${b.unseen ? "box unseen" : "box"}
        href=${href(change)}
        aria-current=${at ? "page" : undefined}
        title=${b.name}
        data-box=${b.name}
        onClick=${follow(change)}
      >
        <span class="address"><span class="local">${local}</span><span class="domain">${domain}</span></span>
        <span class="hidden">${[t(b.unseen ? "shell.box.unseen" : "shell.box.seen", { unseen: b.unseen, n: b.messages }), b.inbox && t("shell.inbox")].filter(Boolean).join(", ")}</span>
        ${b.inbox && html`<span class="inbox-mark" title=${t("shell.inbox")} aria-hidden="true"><${icons.clock} /></span>`}
        ${b.unseen > 0 && html`<span class="n fresh-n" aria-hidden="true">${count(b.unseen)}</span>`}
        <span class="n" aria-hidden="true">${b.unseen > 0 && "/"}${count(b.messages)}</span>
      </a>
      <${Menu}
        label=${t("shell.box.menu", { name: b.name })}
        face=${html`<${icons.dots} />`}
        class="button icon-only box-menu"
        items=${() => [
          { label: t("shell.box.see"), icon: icons.check, run: () => act(() => api.seeMailbox(b.name)) },
          navigator.clipboard && { label: t("shell.box.copy"), icon: icons.copy, run: () => act(() => navigator.clipboard.writeText(b.name)) },
          null,
          { label: t("shell.box.delete"), icon: icons.bin, danger: true, run: () => remove(b) },
        ].filter((item) => item !== undefined)}
      />
    </li>
  `;
}

/** @param {Mailbox} b */
async function remove(b) {
  const now = (await api.mailbox(b.name).catch(() => null)) ?? b;
  const yes = await ask({
    title: t("shell.box.delete.title", { name: b.name }),
    text: html`<p>${t("shell.box.delete.text", { n: now.messages })}</p><p>${t("shell.box.delete.final")}</p>`,
    action: t("shell.box.delete.do", { n: now.messages }),
    danger: true,
  });
  if (!yes) return;
  await act(async () => {
    await api.removeMailbox(b.name);
    if (route.peek().box === b.name) go({ ...nothing });
    // The mailbox is gone, and with it what had the focus.
    /** @type {HTMLElement | null} */ (document.querySelector(".boxes .box"))?.focus();
  });
}

/**
 * Up and down walk through the pane; Tab does too.
 * @param {KeyboardEvent} e
 */
function walk(e) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  const pane = /** @type {HTMLElement} */ (e.currentTarget);
  if (!by || e.ctrlKey || e.metaKey || e.altKey || !document.activeElement?.matches(".box")) return;
  const all = /** @type {HTMLElement[]} */ ([...pane.querySelectorAll(".box")]);
  all[all.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + by]?.focus();
  e.preventDefault();
  e.stopPropagation();
}
