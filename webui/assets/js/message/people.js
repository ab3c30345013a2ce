// Whom a message names, and whom it was sent to. These are two questions.

/** @typedef {import("../api.js").Message} Message */

/**
 * The field that names a recipient; "" when none does.
 * @param {Message} m
 * @param {string} address
 * @returns {"to" | "cc" | ""}
 */
export function namedIn(m, address) {
  const wanted = address.toLowerCase();
  const has = (/** @type {import("../api.js").Address[]} */ all) => all.some((a) => a.address.toLowerCase() === wanted);
  return has(m.to) ? "to" : has(m.cc) ? "cc" : "";
}

/**
 * Addresses that To or Cc names and the envelope does not: they got nothing.
 * @param {Message} m
 */
export function leftOut(m) {
  const got = new Set(m.envelope.recipients.map((r) => r.address.toLowerCase()));
  return [...new Set([...m.to, ...m.cc].map((a) => a.address).filter((a) => a && !got.has(a.toLowerCase())))];
}
