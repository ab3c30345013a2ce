// How dates, sizes and addresses are written.

const locale = navigator.language;
const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" });
const whole = new Intl.NumberFormat(locale);
const short = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 });

/** @param {string} iso */
export function when(iso) {
  const t = new Date(iso);
  const now = new Date();
  if (t.toDateString() === now.toDateString()) return time.format(t);
  return (t.getFullYear() === now.getFullYear() ? day : date).format(t);
}

/** @param {string} iso */
export const exactly = (iso) => full.format(new Date(iso));

/** @param {number} n */
export const count = (n) => whole.format(n);

/** @param {number} octets */
export function size(octets) {
  if (octets < 1000) return `${octets} B`;
  let unit = 0;
  let n = octets / 1000;
  for (; n >= 999.5 && unit < 2; unit++) n /= 1000;
  const digits = n >= 99.5 ? whole.format(Math.round(n)) : short.format(n);
  return `${digits} ${["kB", "MB", "GB"][unit]}`;
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} many
 */
export const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

/** @param {import("./api.js").Address} a */
export const shortName = (a) => a.name || a.address;

/** @param {import("./api.js").Address[]} all */
export const names = (all) => all.map(shortName).join(", ");
