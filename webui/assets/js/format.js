// How dates, sizes and addresses are written: by the reader's locale.

import { computed } from "@preact/signals";
import { locale } from "./i18n.js";

const formats = computed(() => {
  const l = locale.value;
  return {
    time: new Intl.DateTimeFormat(l, { hour: "2-digit", minute: "2-digit" }),
    day: new Intl.DateTimeFormat(l, { day: "numeric", month: "short" }),
    date: new Intl.DateTimeFormat(l, { day: "numeric", month: "short", year: "numeric" }),
    full: new Intl.DateTimeFormat(l, { dateStyle: "full", timeStyle: "medium" }),
    whole: new Intl.NumberFormat(l),
    short: new Intl.NumberFormat(l, { maximumSignificantDigits: 2 }),
  };
});

/**
 * The time for today, else the day.
 * @param {string} iso
 */
export function when(iso) {
  const f = formats.value;
  const t = new Date(iso);
  const now = new Date();
  if (t.toDateString() === now.toDateString()) return f.time.format(t);
  return (t.getFullYear() === now.getFullYear() ? f.day : f.date).format(t);
}

/** @param {string} iso */
export const exactly = (iso) => formats.value.full.format(new Date(iso));

/** @param {number} n */
export const count = (n) => formats.value.whole.format(n);

/** @param {number} octets */
export function size(octets) {
  const f = formats.value;
  if (octets < 1000) return `${f.whole.format(octets)} B`;
  let unit = 0;
  let n = octets / 1000;
  for (; n >= 999.5 && unit < 2; unit++) n /= 1000;
  const digits = n >= 99.5 ? f.whole.format(Math.round(n)) : f.short.format(n);
  return `${digits} ${["kB", "MB", "GB"][unit]}`;
}

/** @param {import("./api.js").Address} a */
const shortName = (a) => a.name || a.address;

/** @param {import("./api.js").Address[]} all */
export const names = (all) => all.map(shortName).join(", ");
