// The dialog in which a fault rule is made or changed. Fields are named as the
// API names them in the rule, so that what the server says of one stands there.

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { Dialog } from "../dialog.js";
import { t } from "../i18n.js";
import { reason } from "../reason.js";
import { setting } from "../settings.js";
import { Choices } from "../setup/choices.js";
import { Code } from "../setup/code.js";
import { html } from "../view.js";
import { curl, goTest, json } from "./code.js";
import { folded, pointName, points, sentence } from "./say.js";

/**
 * @typedef {import("../api.js").FaultRule} FaultRule
 * @typedef {import("./say.js").Key} Key
 * @typedef {Record<string, string | boolean>} Values  by the field's place: "do.reply.code"
 * @typedef {{protocol: "smtp" | "pop3", at: string[], main: string, often: string, values: Values}} Draft
 */

const whom = { smtp: ["recipient", "sender", "mailbox", "user", "helo", "remote", "query"], pop3: ["user", "mailbox", "remote", "query"] };

/** What a rule can do: where only it is possible, and with what it begins. @type {Record<string, {smtp?: string, pop3?: string, begin: string | boolean}>} */
const actions = {
  reply: { smtp: "", pop3: "", begin: "" },
  close: { smtp: "", pop3: "", begin: true },
  reset: { smtp: "", pop3: "", begin: true },
  delay: { smtp: "", pop3: "", begin: "3s" },
  throttle: { smtp: "", pop3: "", begin: "1k" },
  truncate: { smtp: "data", pop3: "retr top list uidl capa", begin: "1000" },
  greylist: { smtp: "rcpt", begin: true },
  dsn: { smtp: "rcpt end", begin: "5.1.1" },
  delayedDSN: { smtp: "rcpt end", begin: true },
  autoreply: { smtp: "rcpt end", begin: true },
  complaint: { smtp: "rcpt end", begin: true },
  size: { pop3: "list stat", begin: "+7" },
  uid: { pop3: "uidl", begin: "change" },
  hide: { smtp: "ehlo", pop3: "capa", begin: "PIPELINING" },
  refuseTLS: { smtp: "starttls connect", pop3: "stls connect", begin: true },
  persona: { smtp: "connect", begin: "gmail" },
};

/** What can go with something else. */
const besides = ["delay", "throttle", "close", "reset", "keep"];

/** @type {Record<string, Values>} */
const rhythms = {
  always: {},
  next: { next: "1" },
  after: { after: "1" },
  every: { every: "2" },
  above: { above: "3", per: "1m" },
  probability: { probability: "0.3" },
  until: { until: "" },
};
const counts = ["next", "after", "every", "above", "per", "probability", "seed", "until", "session"];

/** Where a value is not a text. */
const numbers = /\.(code|next|every|after|above|seed|probability)$/;
const moments = /until$|expires$/;
const flags = /\.(close|reset|keep|refuseTLS|delayedDSN|autoreply|complaint|greylist|session)$/;

/** How a test suite sets the same rule. */
const writings = [
  { id: "curl", name: "curl", file: "sh", write: curl },
  { id: "go", name: "Go", file: "fault_test.go", write: goTest },
  { id: "json", name: "JSON", file: "rule.json", write: json },
];

/** Whose mail the templates are about. */
const address = setting("address", "alice@app.test");

const later = { reply: { code: 451, text: "Try again later" } };
/** The usual ones. @type {Record<string, FaultRule>} */
export const templates = {
  retry: { protocol: "smtp", at: ["rcpt"], do: later, often: { next: 2 } },
  twice: { protocol: "smtp", at: ["end"], do: { close: true, keep: true }, often: { next: 1 } },
  bounce: { protocol: "smtp", at: ["rcpt"], do: { dsn: "5.1.1" } },
  greylist: { protocol: "smtp", at: ["rcpt"], do: { greylist: true } },
  slow: { protocol: "smtp", at: ["data"], do: { delay: "3s", throttle: "1k" } },
  drop: { protocol: "smtp", at: ["end"], do: { close: true } },
  resume: { protocol: "pop3", at: ["retr"], do: { truncate: "half" }, often: { next: 1 } },
  busy: { protocol: "pop3", at: ["login"], do: { reply: { resp: "IN-USE" } }, often: { next: 1 } },
};

/** @param {string} name @returns {FaultRule} */
export const template = (name) => ({ ...templates[name], for: { [whom[templates[name].protocol][0]]: address.peek() } });

/** @param {FaultRule} rule @returns {Draft} */
function draftOf(rule) {
  /** @type {Values} */
  const values = {};
  const walk = (/** @type {string} */ at, /** @type {unknown} */ value) => {
    if (value && typeof value === "object" && !Array.isArray(value)) for (const [key, of] of Object.entries(value)) walk(at ? `${at}.${key}` : key, of);
    else if (value !== undefined) values[at] = typeof value === "boolean" ? value : String(Array.isArray(value) ? value.join(" ") : value);
  };
  walk("", { for: rule.for, do: rule.do, often: rule.often, name: rule.name, owner: rule.owner, ttl: rule.ttl ?? (rule.expires ? "" : "never"), expires: rule.expires });
  return {
    protocol: rule.protocol,
    at: folded(rule.protocol, rule.at),
    main: Object.keys(actions).find((name) => name in rule.do) ?? "reply",
    often: Object.keys(rhythms).find((name) => rule.often && name in rule.often) ?? "always",
    values,
  };
}

/** @param {Draft} d @returns {FaultRule} */
function ruleOf(d) {
  /** @type {any} */
  const rule = { protocol: d.protocol, at: d.at, do: d.main === "reply" ? { reply: {} } : {} };
  for (const [at, value] of Object.entries(d.values)) {
    if (value === "" || value === false) continue;
    const path = at.split(".");
    const last = /** @type {string} */ (path.pop());
    let into = rule;
    for (const step of path) into = into[step] ??= {};
    into[last] = at === "do.hide" ? String(value).split(/[\s,]+/).filter(Boolean) : numbers.test(at) && !Number.isNaN(Number(value)) ? Number(value) : value;
  }
  const { protocol, at, name, owner, for: who, do: does, often: times, ttl, expires } = rule;
  return JSON.parse(JSON.stringify({ name, owner, protocol, at, for: who, do: does, often: times, ttl, expires })); // in the order of the documentation, without what is not there
}

/**
 * @param {{rule: FaultRule, id: string, personas: string[], onDone: () => void, onClose: () => void}} props
 *   id: of the rule that is changed; "": a new one
 */
export function RuleForm({ rule, id, personas, onDone, onClose }) {
  const [d, setDraft] = useState(/** @returns {Draft} */ () => draftOf(rule));
  const [wrong, setWrong] = useState(/** @type {Record<string, string>} */ ({}));
  const [busy, setBusy] = useState(false);
  const [lang, setLang] = useState("curl");
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const set = (/** @type {Values} */ change) => {
    setDraft((before) => ({ ...before, values: { ...before.values, ...change } }));
    setWrong((w) => Object.fromEntries(Object.entries(w).filter(([at]) => !(at in change))));
  };
  const change = (/** @type {Partial<Draft>} */ to) => {
    setWrong({});
    setDraft((before) => ({ ...before, ...to }));
  };
  /** Takes what was done before away. */
  const act = (/** @type {string} */ main, /** @type {"smtp" | "pop3"} */ protocol = d.protocol) => {
    const values = Object.fromEntries(Object.entries(d.values).filter(([at]) => !at.startsWith("do.") && (!at.startsWith("for.") || whom[protocol].includes(at.slice(4)))));
    if (main === "reply" && protocol === "smtp") values["do.reply.code"] = "451";
    if (main !== "reply") values[`do.${main}`] = actions[main].begin;
    const possible = (actions[main][protocol] ?? "").split(" ").filter(Boolean);
    const at = d.at.filter((p) => points[protocol].includes(p) && (!possible.length || possible.includes(p)));
    const usual = possible[0] ?? (protocol === "smtp" ? "rcpt" : "retr");
    change({ protocol, main, values, at: at.length ? at : [usual] });
  };
  const beat = (/** @type {string} */ name) => {
    const values = Object.fromEntries(Object.entries(d.values).filter(([at]) => !at.startsWith("often.")));
    for (const [key, value] of Object.entries(rhythms[name])) values[`often.${key}`] = key === "until" ? new Date(Date.now() + 600_000).toISOString() : value;
    change({ often: name, values });
  };
  const made = ruleOf(d);
  const writing = writings.find(({ id }) => id === lang) ?? writings[0];

  const send = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      await api.setFault(id, made);
      onDone();
    } catch (e) {
      setWrong(told(e));
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    const first = Object.keys(wrong)[0];
    if (!first) return;
    const at = /** @type {HTMLElement | null | undefined} */ (form.current?.querySelector(`[name="${CSS.escape(first)}"]`));
    at?.closest("details")?.setAttribute("open", "");
    at?.focus();
  }, [wrong]);

  const field = (/** @type {string} */ at, /** @type {object} */ more = {}) => html`<${Field} key=${at} at=${at} value=${d.values[at]} wrong=${wrong[at]} set=${set} ...${more} />`;
  const given = (/** @type {string} */ at) => Boolean(d.values[at] || wrong[at]);
  const [first, ...others] = whom[d.protocol];
  const reply = d.protocol === "smtp" ? ["code", "enhanced", "text"] : ["resp", "text"];
  const also = besides.filter((name) => name !== d.main && (name !== "keep" || d.protocol === "smtp"));
  const odd = Object.keys(d.values).filter((at) => /^do\./.test(at) && !at.startsWith("do.reply.") && at !== `do.${d.main}` && !also.includes(at.slice(3)));
  const rest = counts.filter((name) => !(name in rhythms[d.often]));
  const unplaced = Object.entries(wrong).filter(([at]) => !at || !form.current?.querySelector(`[name="${CSS.escape(at)}"]`));
  const options = (/** @type {string} */ name) => ({ uid: ["change", "duplicate", "missing"], persona: personas })[name];
  return html`
    <${Dialog} title=${id ? t("faults.edit.title", { id }) : t("faults.add")} onClose=${onClose} class="rule-form">
      <form ref=${form} onSubmit=${send} novalidate>
        <div class="rule-fields">
          ${!id && html`<p class="rule-templates"><span class="quiet">${t("faults.templates")}</span> ${Object.keys(templates).map((name) => html`<button key=${name} type="button" class="button bordered" data-template=${name} onClick=${() => change(draftOf({ ...template(name), ttl: "1h" }))}>${t(/** @type {Key} */ (`faults.template.${name}`))}</button>`)}</p>`}
          <${Group} title=${t("faults.where")}>
            <div class="segmented" role="radiogroup" aria-label=${t("sessions.protocol")}>
              ${/** @type {const} */ (["smtp", "pop3"]).map((p) => html`<label key=${p}><input type="radio" name="protocol" value=${p} checked=${d.protocol === p} onChange=${() => act(actions[d.main][p] === undefined ? "reply" : d.main, p)} />${p.toUpperCase()}</label>`)}
            </div>
            <div class="rule-points" role="group" aria-label=${t("faults.where")}>
              ${points[d.protocol].map((p) => html`<label key=${p}><input type="checkbox" name="at" value=${p} checked=${d.at.includes(p)} aria-describedby=${wrong.at ? "at-wrong" : undefined} onChange=${() => change({ at: points[d.protocol].filter((o) => (o === p) !== d.at.includes(o)) })} />${pointName(p)}</label>`)}
            </div>
            ${wrong.at && html`<p class="wrong" id="at-wrong">${wrong.at}</p>`}
          <//>
          <${Group} title=${t("faults.whom")}>
            ${field(`for.${first}`, { hint: t("faults.whom.hint"), autofocus: true })}
            <${More} open=${others.some((name) => given(`for.${name}`))} title=${t("faults.whom.more")}>${others.map((name) => field(`for.${name}`))}<//>
          <//>
          <${Group} title=${t("faults.what")}>
            <select class="field" name="do" aria-label=${t("faults.what")} value=${d.main} onChange=${(/** @type {Event} */ e) => act(valueOf(e))}>
              ${Object.keys(actions).filter((name) => d.protocol in actions[name]).map((name) => html`<option key=${name} value=${name}>${t(/** @type {Key} */ (`faults.act.${name}`))}</option>`)}
            </select>
            <div class="rule-row">${d.main === "reply" ? reply.map((name) => field(`do.reply.${name}`)) : !flags.test(`do.${d.main}`) && field(`do.${d.main}`, { options: options(d.main) })}</div>
            <${More} open=${[...also, ...odd.map((at) => at.slice(3))].some((name) => given(`do.${name}`))} title=${t("faults.besides")}>${also.map((name) => field(`do.${name}`))} ${odd.map((at) => field(at, { options: options(at.slice(3)) }))}<//>
          <//>
          <${Group} title=${t("faults.rhythm")}>
            <select class="field" name="often" aria-label=${t("faults.rhythm")} value=${d.often} onChange=${(/** @type {Event} */ e) => beat(valueOf(e))}>
              ${Object.keys(rhythms).map((name) => html`<option key=${name} value=${name}>${t(/** @type {Key} */ (`faults.rhythm.${name}`))}</option>`)}
            </select>
            <div class="rule-row">${Object.keys(rhythms[d.often]).map((name) => field(`often.${name}`))}</div>
            <${More} open=${rest.some((name) => given(`often.${name}`))} title=${t("faults.rhythm.more")}>${rest.map((name) => field(`often.${name}`))}<//>
          <//>
          <${Group} title=${t("faults.life")}>
            <div class="rule-row">
              <div class="rule-field">
                <label for="rule-ttl">${t("faults.ends")}</label>
                <select class="field" id="rule-ttl" name="ttl" value=${d.values.ttl || "moment"} onChange=${(/** @type {Event} */ e) => set(valueOf(e) === "moment" ? { ttl: "", expires: new Date(Date.now() + 3_600_000).toISOString() } : { ttl: valueOf(e), expires: "" })}>
                  ${[...new Set(["10m", "1h", "24h", "never", "moment", String(d.values.ttl || "moment")])].map((ttl) => html`<option key=${ttl} value=${ttl}>${["10m", "1h", "24h", "never", "moment"].includes(ttl) ? t(/** @type {Key} */ (`faults.ttl.${ttl}`)) : ttl}</option>`)}
                </select>
              </div>
              ${!d.values.ttl && field("expires")} ${field("name")} ${field("owner")}
            </div>
          <//>
          <details class="rule-code">
            <summary>${t("faults.code")}</summary>
            <${Choices} label=${t("faults.code")} all=${writings} chosen=${writing.id} onChoose=${setLang}>
              <${Code} id=${lang} file=${writing.file} what=${writing.name} text=${writing.write(made)} />
            <//>
          </details>
        </div>
        <div class="rule-end">
          <p class="rule-says" role="status">${sentence(made)}</p>
          ${unplaced.length > 0 && html`<p class="wrong" role="alert">${unplaced.map(([at, why]) => (at ? `${at}: ${why}` : why)).join("; ")}</p>`}
          <footer class="dialog-foot">
            ${id && html`<span class="quiet">${t("faults.anew")}</span>`}
            <button type="button" class="button bordered" onClick=${onClose}>${t("shell.cancel")}</button>
            <button type="submit" class="button primary" disabled=${busy}>${id ? t("faults.save") : t("faults.add")}</button>
          </footer>
        </div>
      </form>
    <//>
  `;
}

/** @param {Event} e */
const valueOf = (e) => /** @type {HTMLInputElement} */ (e.target).value;

/**
 * What the server found, by the field that it names.
 * @param {unknown} e
 * @returns {Record<string, string>}
 */
function told(e) {
  if (!(e instanceof api.Problem)) return { "": reason(e) };
  const all = e.errors.map(({ location = "", message }) => [location.replace(/^body\.?/, "").replace(/\[\d+\]$/, ""), message]);
  return all.length ? Object.fromEntries(all) : { "": reason(e) };
}

/** @param {{title: string, children?: import("preact").Child}} props */
const Group = ({ title, children }) => html`<fieldset class="rule-group"><legend>${title}</legend><div>${children}</div></fieldset>`;

/** @param {{open: boolean, title: string, children?: import("preact").Child}} props */
function More({ open, title, children }) {
  const [first] = useState(open);
  return html`<details open=${first}><summary>${title}</summary><div class="rule-row">${children}</div></details>`;
}

/**
 * @param {{at: string, value?: string | boolean, wrong?: string, hint?: string, autofocus?: boolean, options?: string[], set: (change: Values) => void}} props
 */
function Field({ at, value = "", wrong = "", hint = "", autofocus = false, options, set }) {
  const id = `rule-${at}`;
  const name = t(/** @type {Key} */ (`faults.field.${at.replace(/^(do\.reply|do|often)\./, "")}`));
  const of = { id, name: at, autofocus, "aria-invalid": Boolean(wrong), "aria-describedby": wrong || hint ? `${id}-says` : undefined };
  const says = (wrong || hint) && html`<p class=${wrong ? "wrong" : "quiet"} id=${`${id}-says`}>${wrong || hint}</p>`;
  if (flags.test(at)) {
    return html`<div class="rule-field flag"><label class="switch"><input type="checkbox" ...${of} checked=${Boolean(value)} onChange=${(/** @type {Event} */ e) => set({ [at]: /** @type {HTMLInputElement} */ (e.target).checked })} />${name}</label>${says}</div>`;
  }
  const moment = moments.test(at);
  const type = (/** @type {Event} */ e) => set({ [at]: moment && valueOf(e) ? new Date(valueOf(e)).toISOString() : valueOf(e) });
  const text = moment && value ? new Date(Date.parse(String(value)) - new Date(String(value)).getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : value;
  return html`
    <div class="rule-field">
      <label for=${id}>${name}</label>
      ${options
        ? html`<select class="field" ...${of} value=${value} onChange=${type}>${options.map((each) => html`<option key=${each}>${each}</option>`)}</select>`
        : html`<input class="field" type=${moment ? "datetime-local" : "text"} inputmode=${numbers.test(at) && !at.endsWith("probability") ? "numeric" : undefined} ...${of} value=${text} onInput=${type} spellcheck=${false} autocomplete="off" dir=${moment ? undefined : "auto"} />`}
      ${says}
    </div>
  `;
}
