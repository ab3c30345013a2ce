// What is broken on purpose: the rules and what they have done, addresses that
// ask for a fault, and what has just fired.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { act } from "./actions.js";
import * as api from "./api.js";
import { command } from "./command.js";
import { ask } from "./dialog.js";
import { exactly, when } from "./format.js";
import { t, tt } from "./i18n.js";
import * as icons from "./icons.js";
import * as live from "./live.js";
import { reason } from "./reason.js";
import { follow, href, route } from "./route.js";
import { places } from "./setup/places.js";
import { toast } from "./toast.js";
import { html } from "./view.js";
import { Addresses } from "./faults/address.js";
import { RuleForm, template, templates } from "./faults/form.js";
import { away, fired, sentence } from "./faults/say.js";

/**
 * @typedef {import("./api.js").SetRule} SetRule
 * @typedef {import("./api.js").FaultRule} FaultRule
 * @typedef {import("./api.js").SessionSummary} SessionSummary
 * @typedef {import("./faults/say.js").Key} Key
 */

const atOnce = 200; // rules that are shown at first
const many = 6; // from here on they can be chosen by owner
const mostFired = 40; // sessions
const looked = 200; // sessions in which faults are looked for
const soon = 150; // ms in which what happens is asked for once
const tick = 5000; // ms until times are said anew

/** The rule that is written; id: in whose place it goes. */
const editing = signal(/** @type {{rule: FaultRule, id: string} | null} */ (null));
const add = () => (editing.value = { rule: { ...template("retry"), ttl: "1h" }, id: "" });

command({ id: "faults.add", title: () => t("faults.add"), group: () => t("shell.faults"), keys: ["n"], when: () => route.value.view === "faults", run: add });

/** The rules, as they are now. */
function useFaults() {
  const [known, setKnown] = useState(/** @type {Awaited<ReturnType<typeof api.faults>> | null} */ (null));
  const [problem, setProblem] = useState("");
  const [load] = useState(() => {
    let last = 0; // of the questions; older answers are passed over
    return async () => {
      const mine = ++last;
      try {
        const all = await api.faults();
        if (mine !== last) return;
        setKnown(all);
        setProblem("");
      } catch (e) {
        if (mine === last) setProblem(reason(e));
      }
    };
  });
  useEffect(() => {
    load();
    let timer = 0;
    const later = () => (timer ||= setTimeout(() => ((timer = 0), load()), soon));
    const ends = [live.on("fault", later), live.on("resync", later), live.on("connected", later)];
    const clock = setInterval(() => document.hidden || load(), tick); // some have gone, and others came
    return () => {
      clearTimeout(timer);
      clearInterval(clock);
      for (const end of ends) end();
    };
  }, []);
  return { known, problem, load };
}

export function Faults() {
  const { known, problem, load } = useFaults();
  const [info, setInfo] = useState(/** @type {import("./api.js").ServerInfo | null} */ (null));
  useEffect(() => {
    api.serverInfo().then(setInfo, () => {}); // the rules say it
    return () => void (editing.value = null);
  }, []);
  const now = editing.value;
  const done = () => {
    editing.value = null;
    toast(t("faults.set"));
    load();
  };
  return html`
    <div class="faults stage-page">
      <header>
        <h1>${t("shell.faults")}</h1>
        <p>${t("faults.intro")}</p>
        ${info?.persona && html`<p data-persona=${info.persona}><span class="badge warn">${t("faults.persona.on", { name: info.persona })}</span></p>`}
      </header>
      ${problem && html`<p role="alert">${problem} <button type="button" class="link" onClick=${load}>${t("sessions.again")}</button></p>`}
      ${known && html`<${Rules} all=${known.rules} load=${load} />`}
      <section aria-labelledby="faults-fired" class="faults-watch"><h2 id="faults-fired">${t("faults.fired")}</h2><${Watch} /></section>
      ${known && info && html`<section aria-labelledby="faults-address"><h2 id="faults-address">${t("faults.address")}</h2><p class="quiet">${t("faults.address.why")}</p><${Addresses} of=${known.addresses} places=${places(info)} /></section>`}
      ${info && info.personas.length > 0 &&
      html`
        <section aria-labelledby="faults-personas">
          <h2 id="faults-personas">${t("faults.personas")}</h2>
          <p class="quiet">${tt("faults.personas.why", { flag: html`<code>--persona</code>` })}</p>
          <p class="rule-templates">${info.personas.map((name) => html`<button key=${name} type="button" class="button bordered" data-persona-rule=${name} onClick=${() => (editing.value = { id: "", rule: { protocol: "smtp", at: ["connect"], do: { persona: name }, ttl: "1h" } })}>${name}</button>`)}</p>
        </section>
      `}
    </div>
    ${now && html`<${RuleForm} key=${now} rule=${now.rule} id=${now.id} personas=${info?.personas ?? []} onDone=${done} onClose=${() => (editing.value = null)} />`}
  `;
}

/** @param {{all: SetRule[], load: () => unknown}} props */
function Rules({ all, load }) {
  const [owner, setOwner] = useState("");
  const [shown, setShown] = useState(atOnce);
  const owners = [...new Set(all.map((r) => r.owner ?? "").filter(Boolean))].sort();
  const of = owners.includes(owner) ? owner : "";
  const some = of ? all.filter((r) => r.owner === of) : all;
  const remove = async () => {
    const text = of ? t("faults.removeOf", { n: some.length, owner: of }) : t("faults.removeAll.ask", { n: all.length });
    if (!(await ask({ title: t("faults.remove.title"), text, action: t("faults.remove"), danger: true }))) return;
    await act(() => api.removeFaultsOf(of));
    load();
  };
  return html`
    <section aria-labelledby="faults-rules" data-rules=${all.length}>
      <div class="faults-bar">
        <h2 id="faults-rules">${t("faults.rules")}</h2>
        ${(owners.length > 1 || (owners.length > 0 && all.length >= many)) &&
        html`
          <label class="rule-owner"><span>${t("faults.field.owner")}</span>
            <select class="field" name="owner-filter" value=${of} onChange=${(/** @type {Event} */ e) => setOwner(/** @type {HTMLSelectElement} */ (e.target).value)}>
              <option value="">${t("faults.owner.all")}</option>
              ${owners.map((o) => html`<option key=${o} value=${o}>${o}</option>`)}
            </select>
          </label>
        `}
        ${all.length > 0 && html`<button type="button" class="button danger" onClick=${remove}>${of ? t("faults.removeOf.button", { owner: of }) : t("faults.removeAll")}</button>`}
        <button type="button" class="button primary" onClick=${add} aria-keyshortcuts="n">${t("faults.add")}</button>
      </div>
      ${all.length
        ? html`<ol class="rules">${some.slice(0, shown).map((r) => html`<${Row} key=${r.id} rule=${r} load=${load} />`)}</ol>`
        : html`
            <div class="rules-none">
              <p>${t("faults.none")}</p>
              <p class="rule-templates">${Object.keys(templates).map((name) => html`<button key=${name} type="button" class="button bordered" data-begin=${name} onClick=${() => (editing.value = { rule: { ...template(name), ttl: "1h" }, id: "" })}>${t(/** @type {Key} */ (`faults.template.${name}`))}</button>`)}</p>
            </div>
          `}
      ${some.length > shown && html`<button type="button" class="link" onClick=${() => setShown(shown * 5)}>${t("faults.more", { n: some.length - shown })}</button>`}
    </section>
  `;
}

/** @param {{rule: SetRule, load: () => unknown}} props */
function Row({ rule: r, load }) {
  const remove = async () => {
    if (!(await ask({ title: t("faults.remove.title"), text: sentence(r), action: t("faults.remove"), danger: true }))) return;
    await act(() => api.removeFault(r.id));
    load();
  };
  const button = (/** @type {"edit" | "copy" | "remove"} */ what, /** @type {() => unknown} */ run) =>
    html`<button type="button" class=${what === "remove" ? "button danger" : "button"} aria-label=${t(/** @type {Key} */ (`faults.${what}.of`), { id: r.id })} onClick=${run}>${t(/** @type {Key} */ (`faults.${what}`))}</button>`;
  return html`
    <li class="rule" data-rule=${r.id}>
      <p class="rule-line"><code>${r.id}</code> <span>${r.name && html`<b dir="auto">${r.name}</b>`} <span dir="auto">${sentence(r)}</span></span></p>
      ${r.warning && html`<p class="rule-warning"><${icons.alert} /> <span>${t("faults.warning")} ${r.warning}</span></p>`}
      <div class="rule-foot">
        <p class="quiet">
          <span class=${r.hits ? "badge bad" : "badge"} data-hits=${r.hits}>${t("faults.hits", { n: r.hits })}</span>
          <span data-matched=${r.matched}>${t("faults.matched", { n: r.matched })}</span>
          ${r.lastHit && html`<time dateTime=${r.lastHit} title=${exactly(r.lastHit)}>${t("faults.last", { time: when(r.lastHit) })}</time>`}
          ${r.expires ? html`<time dateTime=${r.expires} title=${exactly(r.expires)} data-expires>${t("faults.goes", { when: away(r.expires) })}</time>` : html`<span>${t("faults.stays")}</span>`}
          ${r.owner && html`<span>${tt("faults.by.owner", { owner: html`<bdi>${r.owner}</bdi>` })}</span>`}
        </p>
        <span class="rule-do">${button("edit", () => (editing.value = { rule: r, id: r.id }))}${button("copy", () => (editing.value = { rule: { ...r, ttl: r.expires ? "1h" : "never", expires: undefined }, id: "" }))}${button("remove", remove)}</span>
      </div>
    </li>
  `;
}

/** @typedef {{id: string, at: string, faults: string[], messages: string[], open: boolean}} Fired */

/** What has fired: in sessions that are open, and in those that have ended. */
function Watch() {
  const [all, setAll] = useState(/** @type {Fired[]} */ ([]));
  useEffect(() => {
    const stop = new AbortController();
    const ended = (/** @type {SessionSummary} */ s) => ({ id: s.id, at: s.ended, faults: s.faults, messages: s.messages, open: false });
    const put = (/** @type {Fired} */ f) => setAll((before) => [f, ...before.filter((each) => each.id !== f.id)].slice(0, mostFired));
    const load = () =>
      api.sessions({ protocol: "", failed: false, before: "", limit: looked }, stop.signal).then(
        ({ sessions }) => setAll((before) => [...before.filter((f) => !sessions.some((s) => s.id === f.id)), ...sessions.filter((s) => s.faults?.length).map(ended)].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, mostFired)),
        () => {}, // what fires from now on will be told
      );
    load();
    const ends = [
      live.on("fault", (/** @type {{session: string, point: string, rule: string, action: string}} */ e) =>
        setAll((before) => {
          const same = before.find((f) => f.id === e.session);
          const text = `${e.rule ? `rule ${e.rule}` : "address"}, ${e.point === "end" ? "end of data" : e.point}, ${e.action}`;
          return [{ id: e.session, at: new Date().toISOString(), faults: [...(same?.faults ?? []), text], messages: [], open: true }, ...before.filter((f) => f !== same)].slice(0, mostFired);
        }),
      ),
      live.on("session", (/** @type {SessionSummary} */ s) => s.faults?.length && put(ended(s))),
      live.on("resync", load),
    ];
    return () => {
      stop.abort();
      for (const end of ends) end();
    };
  }, []);
  if (!all.length) return html`<p class="quiet">${t("faults.fired.none")}</p>`;
  const to = (/** @type {string} */ session) => ({ view: /** @type {const} */ ("sessions"), session, failed: false });
  const read = (/** @type {string} */ id) => ({ view: /** @type {const} */ ("mail"), box: "", unseen: false, q: "", id, tab: "" });
  return html`
    <ol class="fired">
      ${all.map(
        (f) => html`
          <li key=${f.id} data-fired=${f.id}>
            <time dateTime=${f.at} title=${exactly(f.at)}>${when(f.at)}</time>
            <span>${[...new Set(f.faults)].map((text) => html`<span key=${text}>${fired(text)}</span>`)}</span>
            <span class="fired-to">
              ${f.open ? html`<span class="quiet">${t("faults.open")}</span>` : html`<a href=${href(to(f.id))} onClick=${follow(to(f.id))} aria-label=${t("faults.session.of", { id: f.id })}>${t("sessions.one")}</a>`}
              ${f.messages.slice(0, 3).map((id) => html`<a key=${id} href=${href(read(id))} onClick=${follow(read(id))} aria-label=${t("faults.message.of", { id })}>${t("faults.message")}</a>`)}
            </span>
          </li>
        `,
      )}
    </ol>
  `;
}
