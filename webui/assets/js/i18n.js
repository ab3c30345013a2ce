// The page's words, in the language that the reader chose.

import { batch, computed, signal } from "@preact/signals";
import { setting } from "./settings.js";

/**
 * @typedef {"en" | "zh-Hans"} Lang
 * @typedef {keyof typeof import("./lang/en.js").default} Key
 * @typedef {string | {one?: string, other: string}} Entry  one and other are chosen by n
 * @typedef {Record<Key, Entry>} Table
 * @typedef {Record<string, string | number>} Params
 */

/** @type {Record<Lang, () => Promise<{default: Table}>>} */
const tables = {
  en: () => import("./lang/en.js"),
  "zh-Hans": () => import("./lang/zh.js"),
};

/** The languages there are, each by its own name. */
export const languages = /** @type {const} */ ({ en: "English", "zh-Hans": "简体中文" });

/** The reader's choice; "" for the browser's. */
export const language = setting("language", /** @type {Lang | ""} */ (""), (value) => value === "" || value in tables);

/** @returns {Lang} */
function wanted() {
  if (language.peek()) return /** @type {Lang} */ (language.peek());
  for (const tag of navigator.languages) {
    if (/^zh\b/i.test(tag)) return "zh-Hans";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

const first = wanted();
const table = signal((await tables[first]()).default);

/** The language that is shown. */
export const lang = signal(first);

/** For dates and numbers: the reader's own variety of the language, if there is one. */
export const locale = computed(() => {
  const main = lang.value.slice(0, 2);
  return navigator.languages.find((tag) => tag.slice(0, 2).toLowerCase() === main) ?? lang.value;
});

const counting = computed(() => ({ plural: new Intl.PluralRules(lang.value), number: new Intl.NumberFormat(locale.value) }));

document.documentElement.lang = first;
language.subscribe(async () => {
  const to = wanted();
  if (to === lang.peek()) return;
  const { default: words } = await tables[to]();
  if (wanted() !== to) return; // it was changed meanwhile
  batch(() => {
    table.value = words;
    lang.value = to;
  });
  document.documentElement.lang = to;
});

/**
 * The words for a key. Numbers are written as the locale has them.
 * @param {Key} key
 * @param {Params} [params]
 * @returns {string}
 */
export function t(key, params) {
  const text = form(key, params);
  return params ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? written(params[name]) : whole)) : text;
}

/**
 * The words for a key in pieces, for places that take elements.
 * @param {Key} key
 * @param {Record<string, string | number | import("preact").Child>} params
 * @returns {import("preact").Child[]}
 */
export function tt(key, params) {
  return form(key, params)
    .split(/\{(\w+)\}/)
    .map((piece, i) => {
      if (i % 2 === 0) return piece;
      const value = params[piece];
      return typeof value === "string" || typeof value === "number" ? written(value) : value;
    });
}

/**
 * @param {Key} key
 * @param {Record<string, unknown>} [params]
 */
function form(key, params) {
  const entry = table.value[key];
  if (entry === undefined) return key; // a module of a newer server, loaded late
  if (typeof entry === "string") return entry;
  const n = typeof params?.n === "number" ? params.n : 0;
  return (counting.value.plural.select(n) === "one" && entry.one) || entry.other;
}

/** @param {string | number} value */
const written = (value) => (typeof value === "number" ? counting.value.number.format(value) : value);
