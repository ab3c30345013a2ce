// The HTML of a message, as wide and as dark as its readers may have it.

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api.js";
import { locale, t } from "../i18n.js";
import { setting } from "../settings.js";
import { html } from "../view.js";
import { parsed } from "./address.js";
import * as icons from "./icons.js";
import { Out } from "./link.js";

/**
 * @typedef {import("../api.js").Message} Message
 * @typedef {"fit" | "phone" | "tablet" | "desktop"} Width
 * @typedef {"light" | "dark" | "inverted"} Scheme
 */

/** @type {Record<Width, number>} pixels; 0 is what there is */
const pixels = { fit: 0, phone: 390, tablet: 768, desktop: 1200 };
const widths = /** @type {Width[]} */ (["phone", "tablet", "desktop", "fit"]); // narrow to wide, as a rule

export const width = setting("messageWidth", /** @type {Width} */ ("fit"), (v) => v in pixels);
export const scheme = setting("messageScheme", /** @type {Scheme} */ ("light"), (v) => ["light", "dark", "inverted"].includes(v));

/** @param {number} by */
export function stepWidth(by) {
  const at = widths.indexOf(width.peek()) + by;
  width.value = widths[Math.min(Math.max(at, 0), widths.length - 1)];
}

/** @param {{m: Message}} props */
export function HTML({ m }) {
  const [remote, setRemote] = useState(false);
  const ready = /prefers-color-scheme|color-scheme/i.test(m.html);
  const dark = scheme.value !== "light";
  return html`
    <div class="preview-bar">
      <${Choice} name="width" label=${t("message.width")} now=${width.value} choose=${(/** @type {Width} */ v) => (width.value = v)}
        options=${[
          ["phone", t("message.width.phone"), icons.phone],
          ["tablet", t("message.width.tablet"), icons.tablet],
          ["desktop", t("message.width.desktop"), icons.desktop],
          ["fit", t("message.width.fit"), icons.fit],
        ]} />
      <${Choice} name="scheme" label=${t("message.scheme")} now=${scheme.value} choose=${(/** @type {Scheme} */ v) => (scheme.value = v)}
        options=${[
          ["light", t("message.scheme.light"), icons.sun],
          ["dark", t("message.scheme.dark"), icons.moon],
          ["inverted", t("message.scheme.inverted"), icons.turned],
        ]} />
      ${m.remote.length > 0 && html`<${Remote} addresses=${m.remote} allowed=${remote} allow=${setRemote} />`}
    </div>
    ${dark && scheme.value === "dark" && !ready && html`<p class="remark">${t("message.scheme.none")}</p>`}
    ${m.htmlTruncated && html`<p class="remark">${t("message.html.truncated")}</p>`}
    <${Easel} src=${api.htmlURL(m.id, { remote, inverted: scheme.value === "inverted" })} pixels=${pixels[width.value]} dark=${scheme.value === "dark"} />
  `;
}

/**
 * One of a few, as radio buttons that look like one.
 * @param {{name: string, label: string, now: string, choose: (value: any) => void, options: [value: string, title: string, icon: unknown][]}} props
 */
function Choice({ name, label, now, choose, options }) {
  return html`
    <fieldset class="segmented" data-choice=${name}>
      <legend class="hidden">${label}</legend>
      ${options.map(
        ([value, title, icon]) => html`
          <label key=${value} title=${title}>
            <input type="radio" name=${`message-${name}`} value=${value} checked=${value === now} onChange=${() => choose(value)} />
            <${icon} /><span class="hidden">${title}</span>
          </label>
        `,
      )}
    </fieldset>
  `;
}

/**
 * What the HTML would load from elsewhere: how much, and from whom.
 * @param {{addresses: string[], allowed: boolean, allow: (yes: boolean) => void}} props
 */
function Remote({ addresses, allowed, allow }) {
  const [open, setOpen] = useState(false); // they may be tens of thousands
  const n = addresses.length;
  return html`
    <div class="remote">
      <details onToggle=${(/** @type {Event} */ e) => setOpen(/** @type {HTMLDetailsElement} */ (e.currentTarget).open)}>
        <summary>${allowed ? t("message.remote.loaded", { n }) : t("message.remote.blocked", { n })}</summary>
        <div class="hosts">
          ${open &&
          byHost(addresses).map(
            ([host, all]) => html`
              <section key=${host}>
                <h3>${host} <span class="quiet">${all.length}</span></h3>
                <ul>
                  ${all.slice(0, fewAddresses).map((a) => html`<li key=${a}><${Out} href=${a}>${a}<//></li>`)}
                  ${all.length > fewAddresses && html`<li class="quiet">${t("message.and.more", { n: all.length - fewAddresses })}</li>`}
                </ul>
              </section>
            `,
          )}
        </div>
      </details>
      <label class="switch">
        <input type="checkbox" role="switch" checked=${allowed} onChange=${() => allow(!allowed)} />
        ${t("message.remote.allow")}
      </label>
    </div>
  `;
}

const fewAddresses = 200; // of a host

/** @param {string[]} addresses */
function byHost(addresses) {
  /** @type {Map<string, string[]>} */
  const hosts = new Map();
  for (const a of addresses) {
    const host = parsed(a.startsWith("//") ? `https:${a}` : a)?.host ?? a;
    const all = hosts.get(host);
    if (all) all.push(a);
    else hosts.set(host, [a]);
  }
  return [...hosts].sort((a, b) => b[1].length - a[1].length);
}

/**
 * The frame. Nobody outside can measure what is in it, so it has the height of
 * the pane and scrolls inside; a width that the pane does not have is shown
 * smaller.
 * @param {{src: string, pixels: number, dark: boolean}} props
 */
function Easel({ src, pixels, dark }) {
  const easel = useRef(/** @type {HTMLElement | null} */ (null));
  const [room, setRoom] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const watch = new ResizeObserver(([{ contentRect }]) => setRoom({ width: contentRect.width, height: contentRect.height }));
    watch.observe(/** @type {HTMLElement} */ (easel.current));
    return () => watch.disconnect();
  }, []);
  const wide = pixels || room.width;
  const scale = room.width && wide > room.width ? room.width / wide : 1;
  const style = room.width
    ? `width: ${wide}px; height: ${room.height / scale}px; transform: scale(${scale}); margin-left: ${Math.max(0, (room.width - wide) / 2)}px`
    : "";
  const percent = new Intl.NumberFormat(locale.value, { style: "percent" }).format(scale);
  return html`
    <div class=${pixels ? "easel framed" : "easel"} ref=${easel}>
      <iframe
        key=${src}
        title=${t("message.frame")}
        class=${dark ? "dark" : "light"}
        style=${style}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        referrerpolicy="no-referrer"
        src=${src}
      ></iframe>
      ${scale < 1 && html`<p class="scaled">${t("message.width.scaled", { percent })}</p>`}
    </div>
  `;
}
