// The page's words, in the language that the reader chose.

import { batch, computed, signal } from "@preact/signals";
import { setting } from "./settings.js";

/**
 * @typedef {"en" | "zh-Hans"} Lang
 * @typedef {keyof typeof import("../lang/en.json")} Key
 * @typedef {string | {one?: string, other: string}} Entry  one and other are chosen by n
 * @typedef {Record<Key, Entry>} Table
 * @typedef {Record<string, string | number>} Params
 */

/** @type {Record<Lang, string>} */
const tables = { en: "en", "zh-Hans": "zh" };

/**
 * The words of a language: data, not code, and only of the one that is shown.
 * @param {Lang} of
 * @returns {Promise<Table>}
 */
async function words(of) {
  const answer = await fetch(new URL(`../lang/${tables[of]}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer.json();
}

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
const table = signal(await words(first));

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
  const found = await words(to);
  if (wanted() !== to) return; // it was changed meanwhile
  batch(() => {
    table.value = found;
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
