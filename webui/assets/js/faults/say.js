// A fault rule in the reader's words.

import { exactly } from "../format.js";
import { locale, t } from "../i18n.js";

/**
 * @typedef {import("../api.js").FaultRule} FaultRule
 * @typedef {Parameters<typeof t>[0]} Key
 */

/** The points of a session, in its order. login stands for pass, apop and auth. */
export const points = {
  smtp: "connect ehlo starttls auth mail rcpt data end rset vrfy noop quit".split(" "),
  pop3: "connect capa stls user login stat list uidl retr top dele rset noop utf8 lang quit".split(" "),
};

const logins = ["pass", "apop", "auth"];

/**
 * As the page has them: the three ways to log in are one.
 * @param {string} protocol
 * @param {readonly string[]} at
 */
export function folded(protocol, at) {
  if (protocol !== "pop3" || !logins.every((p) => at.includes(p))) return [...at];
  return [...new Set(at.map((p) => (logins.includes(p) ? "login" : p)))];
}

/** @param {string} point */
export const pointName = (point) => (["connect", "end", "login"].includes(point) ? t(/** @type {Key} */ (`faults.at.${point}`)) : point.toUpperCase());

const comma = () => t("faults.comma");

/** "SMTP, RCPT, recipient *@app.test". @param {FaultRule} r */
export function where(r) {
  const whom = Object.entries(r.for ?? {}).map(([name, text]) => t(/** @type {Key} */ (`faults.for.${name}`), { text }));
  return [r.protocol.toUpperCase(), folded(r.protocol, r.at).map(pointName).join(" / "), ...whom].join(comma());
}

/** "answers 451". @param {FaultRule} r */
export function what({ do: d }) {
  const said = Object.entries(d).map(([name, value]) => {
    if (name === "reply") {
      const { code, enhanced, resp, text } = /** @type {NonNullable<typeof d.reply>} */ (value);
      const line = [code || "-ERR", enhanced, resp && `[${resp}]`, text && t("faults.quoted", { text })];
      return t("faults.do.reply", { line: line.filter(Boolean).join(" ") });
    }
    const which = name === "uid" || value === "half" ? `${name}.${value}` : name;
    return t(/** @type {Key} */ (`faults.do.${which}`), { it: String(Array.isArray(value) ? value.join(" ") : value) });
  });
  return said.join(comma());
}

/** "the next 3 times"; "" for each time. @param {FaultRule} r */
export function often({ often: o = {} }) {
  const { until, session, probability, above, after, every, next, per = "" } = o;
  return [
    until && t("faults.often.until", { time: exactly(until) }),
    above && t("faults.often.above", { n: above, per }),
    after && t("faults.often.after", { n: after }),
    every && t("faults.often.every", { n: every }),
    probability && t("faults.often.probability", { chance: new Intl.NumberFormat(locale.value, { style: "percent", maximumFractionDigits: 1 }).format(probability) }),
    next && t("faults.often.next", { n: next }),
    session && t("faults.often.session"),
  ]
    .filter(Boolean)
    .join(comma());
}

/** All of it in a sentence. @param {FaultRule} r */
export const sentence = (r) => t("faults.sentence", { where: where(r), what: [what(r), often(r)].filter(Boolean).join(comma()) });

/**
 * "in 42 minutes".
 * @param {string} iso
 */
export function away(iso) {
  const s = Math.round((Date.parse(iso) - Date.now()) / 1000);
  const size = Math.abs(s);
  /** @type {[number, "second" | "minute" | "hour" | "day"]} */
  const [unit, name] = size < 100 ? [1, "second"] : size < 6000 ? [60, "minute"] : size < 170_000 ? [3600, "hour"] : [86_400, "day"];
  return new Intl.RelativeTimeFormat(locale.value).format(Math.round(s / unit), name);
}

/** What a server says that it did, and the words for it. @type {readonly (readonly [RegExp, Key])[]} */
const deeds = [
  [/^(\d{3}|-ERR.*)$/, "faults.do.reply"],
  [/^delay (.*)$/, "faults.do.delay"],
  [/^throttle (.*)\/s$/, "faults.do.throttle"],
  [/^truncate half$/, "faults.do.truncate.half"],
  [/^truncate (.*)$/, "faults.do.truncate"],
  [/^refuse TLS$/, "faults.do.refuseTLS"],
  [/^delayed dsn$/, "faults.do.delayedDSN"],
  [/^uid change$/, "faults.do.uid.change"],
  [/^uid duplicate$/, "faults.do.uid.duplicate"],
  [/^uid missing$/, "faults.do.uid.missing"],
  [/^dsn (.*)$/, "faults.do.dsn"],
  [/^size (.*)$/, "faults.do.size"],
  [/^hide (.*)$/, "faults.do.hide"],
  [/^persona (.*)$/, "faults.do.persona"],
  [/^close$/, "faults.do.close"],
  [/^reset$/, "faults.do.reset"],
  [/^keep$/, "faults.do.keep"],
  [/^greylist$/, "faults.do.greylist"],
  [/^autoreply$/, "faults.do.autoreply"],
  [/^complaint$/, "faults.do.complaint"],
];

/** @param {string} deed */
function did(deed) {
  for (const [known, key] of deeds) {
    const m = known.exec(deed);
    if (m) return t(key, { it: m[1] ?? "", line: m[1] ?? "" });
  }
  return deed;
}

/**
 * What fired, from a session's list or outcome: "rule f3, RCPT, delay 3s, 451".
 * What is not known is shown as it is.
 * @param {string} text
 */
export function fired(text) {
  const m = /^(?:rule (f\d+)|address), ([^,]+), (.*?)(?:, and (\d+) more)?$/.exec(text);
  if (!m) return text;
  const [, id, point, all, more] = m;
  const at = point === "end of data" ? "end" : point;
  const said = t(id ? "faults.broken.rule" : "faults.broken.address", { at: pointName(at), what: all.split(", ").map(did).join(comma()), id });
  const told = more ? t("faults.broken.more", { text: said, n: Number(more) }) : said;
  return told[0].toUpperCase() + told.slice(1);
}
