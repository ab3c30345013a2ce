// How a session ended, in the reader's words. The server tells it in English
// phrases of its own; what is not known here is shown as it is.

import { fired } from "../faults/say.js";
import { lang, t } from "../i18n.js";

/**
 * @typedef {RegExpMatchArray} Found
 * @typedef {readonly [RegExp, (m: Found) => string]} Phrase
 */

const number = (/** @type {string} */ text) => Number(text.replaceAll(",", ""));

/** Replies by their code, the first that fits. Personas have words of their own. @type {readonly [RegExp, (verb: string, text: string) => string][]} */
const replies = [
  [/^535/, () => t("sessions.why.password")],
  [/^5[35]0 .*authenticat/i, () => t("sessions.why.login")],
  [/^(530|451 .*STARTTLS)/, (verb, text) => t("sessions.why.tls", { verb, text })],
  [/^552/, (_, text) => t("sessions.why.large", { text })],
  [/^452 (4\.5\.3|too many recipients)/i, () => t("sessions.why.recipients")],
  [/^452 4\.3\.1/, () => t("sessions.why.full")],
  [/^(421|432|454) .*(too many|try again later|throttl|rate|limit)/i, (_, text) => t("sessions.why.often", { text })],
  [/^(503|554 5\.5\.1)/, (verb, text) => t("sessions.why.order", { verb, text })],
  [/^(553|501 (5\.1\.\d|Invalid .* address))/, (verb, text) => t("sessions.why.address", { verb, text })],
  [/^(500|501|504|555)/, (verb, text) => t("sessions.why.syntax", { verb, text })],
  [/^502/, (verb, text) => t("sessions.why.missing", { verb, text })],
  [/^4/, (verb, text) => t("sessions.why.later", { verb, text })],
];

/** @param {string} verb @param {string} reply */
function refused(verb, reply) {
  const found = replies.find(([code]) => code.test(reply));
  // The transcript has the codes.
  const text = reply.replace(/^\d{3} (?:\d\.\d+\.\d+ )?(?:Error: )?/, "").replace(/^Message too large: /, "");
  return found ? found[1](verb, text) : t("sessions.why.refused", { verb, text: reply });
}

/** @type {readonly Phrase[]} */
const phrases = [
  [/^fault: (.*)$/, (m) => fired(m[1])],
  [/^([\d,]+) messages? delivered$/, (m) => t("sessions.how.delivered", { n: number(m[1]) })],
  [/^([\d,]+) messages? fetched$/, (m) => t("sessions.how.fetched", { n: number(m[1]) })],
  [/^([\d,]+) messages? deleted$/, (m) => t("sessions.how.deleted", { n: number(m[1]) })],
  [/^([\d,]+) marks? dropped$/, (m) => t("sessions.how.dropped", { n: number(m[1]) })],
  [/^(\S+) refused: (\d{3}[\s\S]*)$/, (m) => refused(m[1], m[2])],
  [/^no message was sent$/, () => t("sessions.how.nothing")],
  [/^no login$/, () => t("sessions.how.noLogin")],
  [/^login failed$/, () => t("sessions.why.password")],
  [/^idle for (\S+)/, (m) => t("sessions.why.idle", { time: m[1] })],
  [/^ended after (\S+) without a command$/, (m) => t("sessions.why.idle", { time: m[1] })],
  [/^closed by the client in (\S+) after ([\d,]+) octets?/, (m) => t("sessions.why.broken", { verb: m[1], n: number(m[2]) })],
  [/^closed by the client after (MAIL|RCPT)/, (m) => t("sessions.why.left", { verb: m[1] })],
  [/^closed by the client/, () => t("sessions.how.closed")],
  [/^connection lost/, () => t("sessions.why.lost")],
  [/^lost in the middle of a reply/, () => t("sessions.why.lost")],
  [/^connection broke in the response to (.*)$/, (m) => t("sessions.why.cut", { command: m[1] })],
  [/^client stopped reading in the response to (.*)$/, (m) => t("sessions.why.stopped", { command: m[1] })],
  [/^message broke off in the response to (.*)$/, (m) => t("sessions.why.cut", { command: m[1] })],
  [/^QUIT could not remove ([\d,]+)/, (m) => t("sessions.why.remove", { n: number(m[1]) })],
  [/^TLS handshake failed(?:: (.*))?$/, (m) => (m[1] ? t("sessions.why.handshake", { text: m[1] }) : t("sessions.why.handshake.plain"))],
  [/^sent an HTTP request$/, () => t("sessions.why.http")],
  [/^spoke TLS on a plain port$/, () => t("sessions.why.early")],
  [/^refused: too many connections$/, () => t("sessions.why.crowded")],
  [/^ended by shutdown$/, () => t("sessions.how.shutdown")],
  [/^the store is closed$/, () => t("sessions.how.shutdown")],
  [/^internal error$/, () => t("sessions.why.internal")],
];

/** @param {string} piece */
function say(piece) {
  for (const [known, as] of phrases) {
    const m = piece.match(known);
    if (m) return as(m);
  }
  return piece;
}

/**
 * What became of a session, in a sentence or two. What went wrong comes first.
 * @param {{protocol: string, outcome: string}} s
 */
export function words({ outcome }) {
  // Replies have semicolons, too; their texts begin behind "refused: ".
  const pieces = outcome.split(/; (?!HELP|a new|and )|, (?=[\d,]+ (?:messages? deleted|marks? dropped))/);
  const deeds = pieces.filter((piece) => /^[\d,]+ messages? (?:delivered|fetched|deleted)$/.test(piece));
  const said = new Set([...pieces.filter((piece) => !deeds.includes(piece)), ...deeds].map(say));
  const [stop, space] = lang.value === "en" ? [".", " "] : ["。", ""];
  return [...said].map((one, i) => (i < said.size - 1 && !/[.。]$/.test(one) ? one + stop : one)).join(space);
}
