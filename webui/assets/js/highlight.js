// Shows what a search found in a text.

import { parse } from "./query.js";
import { html } from "./view.js";

/** @typedef {"from" | "to" | "cc" | "rcpt" | "subject" | "body" | "attachment"} Place */

const most = 2000; // marks in one text; the rest of it stays as it is

let parsed = { q: "", terms: parse("").terms };

/**
 * What a search looks for in one place of a message: its words, and the values
 * that it gives for this field. What must not hold is not looked for.
 * @param {string} q
 * @param {Place} place
 * @returns {string[]}
 */
export function terms(q, place) {
  if (parsed.q !== q) parsed = { q, terms: parse(q).terms };
  const wanted = place === "to" || place === "cc" ? ["", place, "rcpt"] : ["", place];
  return parsed.terms.filter((t) => !t.neg && t.value.trim() && wanted.includes(t.field)).map((t) => t.value);
}

/**
 * The text with each place marked where a term is.
 * @param {string} text
 * @param {string[]} terms
 * @returns {import("preact").Child[]}
 */
export function highlight(text, terms) {
  const found = places(text, terms);
  if (!found.length) return [text];
  const pieces = [];
  let at = 0;
  for (const [start, end] of found) {
    if (start > at) pieces.push(text.slice(at, start));
    pieces.push(html`<mark class="found">${text.slice(start, end)}</mark>`);
    at = end;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}

/**
 * Where terms are in a text, as the search compares: case does not count, nor
 * how many spaces there are, nor how a letter's marks are encoded.
 * @param {string} text
 * @param {string[]} terms
 * @returns {[number, number][]} in order, apart
 */
export function places(text, terms) {
  const words = terms.map((term) => fold(term).text.trim()).filter(Boolean);
  if (!words.length || !text) return [];
  const folded = fold(text);
  /** @type {[number, number][]} */
  const found = [];
  for (const word of words) {
    let at = folded.text.indexOf(word);
    for (let n = 0; at >= 0 && n < most; n++) {
      found.push([folded.start(at), folded.end(at + word.length - 1)]);
      at = folded.text.indexOf(word, at + word.length);
    }
  }
  found.sort((a, b) => a[0] - b[0]);
  /** @type {[number, number][]} */
  const apart = [];
  for (const [start, end] of found) {
    const last = apart.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else apart.push([start, end]);
  }
  return apart.slice(0, most);
}

const plainText = /^(?:[!-~]|[ \n](?![ \n]))*$/;

/**
 * The text as it is compared, and where in the original a place of it begins
 * and ends.
 * @param {string} text
 */
function fold(text) {
  if (plainText.test(text)) {
    return { text: text.toLowerCase().replaceAll("\n", " "), start: (/** @type {number} */ i) => i, end: (/** @type {number} */ i) => i + 1 };
  }
  let out = "";
  /** @type {number[]} */
  const starts = [];
  /** @type {number[]} */
  const ends = [];
  // A letter with its marks, a run of space, or anything else.
  for (const match of text.matchAll(/\s+|[^\s]\p{M}*/gu)) {
    const cluster = match[0];
    const part = /^\s/.test(cluster) ? " " : foldCluster(cluster);
    out += part;
    for (let i = 0; i < part.length; i++) {
      starts.push(match.index);
      ends.push(match.index + cluster.length);
    }
  }
  return { text: out, start: (/** @type {number} */ i) => starts[i], end: (/** @type {number} */ i) => ends[i] };
}

/**
 * Case folding is what lower and upper case have in common (ß, SS; ς, Σ); only
 * the dotless i is a letter of its own.
 * @param {string} cluster
 */
const foldCluster = (cluster) => {
  const c = cluster.normalize("NFC");
  return (c[0] === "ı" ? c : c.toUpperCase().toLowerCase()).normalize("NFC");
};
