// Addresses that ask for a fault: put together, to be copied.

import { useState } from "preact/hooks";
import { t, tt } from "../i18n.js";
import * as icons from "../icons.js";
import { Copy } from "../message/copy.js";
import { setting } from "../settings.js";
import { Choices } from "../setup/choices.js";
import { Code } from "../setup/code.js";
import { html } from "../view.js";
import { commands } from "./code.js";

/**
 * @typedef {import("../api.js").AddressFault} AddressFault
 * @typedef {import("./say.js").Key} Key
 * @typedef {{word: string, values: Record<string, string>}} Wish
 */

const address = setting("address", "alice@app.test");
const tool = setting("fault-tool", "curl");

/** What follows a fault's word, as in "delay-TIME or delay-POINT-TIME". @param {AddressFault} f */
function shape(f) {
  const forms = f.form.split(" or ");
  const blanks = (/** @type {string} */ form) => /** @type {string[]} */ (form.match(/[A-Z]+/g) ?? []);
  const all = blanks(forms[forms.length - 1]);
  const word = forms[0].replace(/-[A-Z]+/g, "");
  // What the example has for them, from the last on: those that can be left out come first.
  const given = f.example.slice(word.length + 1).split("-").filter(Boolean);
  return { word, all, needed: blanks(forms[0]), given };
}

/** @param {AddressFault} f @param {"smtp" | "pop3"} protocol @returns {Wish} */
function begin(f, protocol) {
  const { word, all, given } = shape(f);
  const first = (/** @type {string} */ name, /** @type {string} */ text = "") => (name === "POINT" && text && protocol === "pop3" ? "retr" : text);
  return { word, values: Object.fromEntries(all.map((name, i) => [name, first(name, given[given.length - all.length + i])])) };
}

/** As it stands in an address. @param {AddressFault} f @param {Wish} w */
function written(f, w) {
  const { word, all } = shape(f);
  return all.length ? [word, ...all.map((name) => w.values[name].trim())].filter(Boolean).join("-") : f.example;
}

/** What it does, with the words that the page has for it. @param {AddressFault} f @param {Wish} w */
function says(f, w) {
  const key = /** @type {Key} */ (`faults.wish.${w.word}`);
  const it = Object.values(w.values).filter(Boolean).join(" ");
  const text = t(key, { it });
  return text === key ? f.says : text;
}

/** Where an address can have a say. */
const placesOf = { smtp: ["mail", "rcpt", "data", "end"], pop3: ["login", "capa", "stat", "list", "uidl", "retr", "top", "dele", "rset", "noop", "quit"] };

/** @type {Record<string, "sender" | "user">} */
const whose = { mail: "sender", auth: "user" };

/**
 * @param {{of: import("../api.js").FaultAddresses, places: import("./code.js").Places}} props
 */
export function Addresses({ of, places }) {
  const [protocol, setProtocol] = useState(/** @type {"smtp" | "pop3"} */ ("smtp"));
  const [wishes, setWishes] = useState(/** @type {Wish[]} */ ([]));
  const [who, setWho] = useState(address.peek());
  if (!of.on) return html`<p class="quiet">${tt("faults.address.off", { flag: html`<code>--fault-addresses on</code>` })}</p>`;

  const known = of.faults.filter((f) => !f.protocol || f.protocol === protocol);
  const find = (/** @type {string} */ word) => /** @type {AddressFault} */ (known.find((f) => shape(f).word === word));
  const all = wishes.length ? wishes : [begin(find(protocol === "smtp" ? "rcpt" : "retr-drop"), protocol)];
  const put = (/** @type {number} */ i, /** @type {Wish} */ w) => setWishes(all.map((each, at) => (at === i ? w : each)));
  const role = protocol === "pop3" ? "user" : (all.map((w) => whose[w.word]).find(Boolean) ?? "recipient");
  const at = who.lastIndexOf("@");
  const [local, domain] = at < 0 ? [who, ""] : [who.slice(0, at), who.slice(at)];
  const made = `${local}${of.separator}${of.prefix}${all.map((w) => written(find(w.word), w)).join(".")}${domain}`;
  const tools = commands(places, role, made, protocol === "pop3");
  const one = tools.find((each) => each.id === tool.value) ?? tools[0];
  const type = (/** @type {Event} */ e) => {
    const text = /** @type {HTMLInputElement} */ (e.target).value.trim();
    setWho(text);
    if (/^[^\s@"]+@[^\s@"]+$/.test(text)) address.value = text;
  };
  const speak = (/** @type {"smtp" | "pop3"} */ p) => {
    setProtocol(p);
    setWishes([]);
  };
  return html`
    <div class="wishes">
      <div class="wish-who">
        <div class="segmented" role="radiogroup" aria-label=${t("sessions.protocol")}>
          ${/** @type {const} */ (["smtp", "pop3"]).map((p) => html`<label key=${p}><input type="radio" name="address-protocol" checked=${protocol === p} onChange=${() => speak(p)} />${p.toUpperCase()}</label>`)}
        </div>
        <label class="wish-address"><span>${t(/** @type {Key} */ (`faults.role.${role}`))}</span><input class="field" name="wish-address" value=${who} onInput=${type} spellcheck=${false} autocomplete="off" /></label>
      </div>
      <ul>
        ${all.map((w, i) => {
          const f = find(w.word);
          const { needed } = shape(f);
          return html`
            <li key=${i}>
              <select class="field" name="wish" aria-label=${t("faults.wish")} value=${w.word} onChange=${(/** @type {Event} */ e) => put(i, begin(find(/** @type {HTMLSelectElement} */ (e.target).value), protocol))}>
                ${known.map((each) => html`<option key=${shape(each).word} value=${shape(each).word}>${says(each, shape(each).word === w.word ? w : begin(each, protocol))}</option>`)}
              </select>
              ${Object.entries(w.values).map(([name, value]) => html`<${Blank} key=${name} name=${name} nth=${/^(retr|dele)/.test(w.word)} value=${value} needed=${needed.includes(name)} protocol=${protocol} set=${(/** @type {string} */ to) => put(i, { word: w.word, values: { ...w.values, [name]: to } })} />`)}
              ${all.length > 1 && html`<button type="button" class="button icon-only" aria-label=${t("faults.wish.remove")} title=${t("faults.wish.remove")} onClick=${() => setWishes(all.filter((_, j) => j !== i))}><${icons.close} /></button>`}
            </li>
          `;
        })}
      </ul>
      <button type="button" class="link" onClick=${() => setWishes([...all, begin(find("delay"), protocol)])}>${t("faults.wish.also")}</button>
      <p class="wish-made" role="status"><span class="hidden">${t(/** @type {Key} */ (`faults.role.${role}`))}: </span><output>${made}</output><${Copy} text=${made} what=${t(/** @type {Key} */ (`faults.role.${role}`))} label=${t("setup.copy")} /></p>
      ${one && html`<${Choices} label=${t("faults.try")} all=${tools} chosen=${one.id} onChoose=${(/** @type {string} */ id) => (tool.value = id)}><${Code} id=${one.id} file="sh" what=${one.name} text=${one.text} /><//>`}
    </div>
  `;
}

/**
 * @param {{name: string, nth: boolean, value: string, needed: boolean, protocol: "smtp" | "pop3", set: (to: string) => void}} props
 *   nth: the number says which, and not how many
 */
function Blank({ name, nth, value, needed, protocol, set }) {
  const all = { class: "field", name: `wish-${name}`, value, onInput: (/** @type {Event} */ e) => set(/** @type {HTMLInputElement} */ (e.target).value) };
  return html`
    <label class="wish-blank">
      <span>${nth ? t("faults.blank.nth") : t(/** @type {Key} */ (`faults.blank.${name}`))}</span>
      ${name === "POINT"
        ? html`<select ...${all}>${!needed && html`<option value="">${t("faults.blank.usual")}</option>`} ${placesOf[protocol].map((p) => html`<option key=${p}>${p}</option>`)}</select>`
        : html`<input ...${all} placeholder=${needed ? "" : nth ? t("faults.blank.each") : t("faults.blank.usual")} spellcheck=${false} autocomplete="off" />`}
    </label>
  `;
}
