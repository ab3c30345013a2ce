// Reads the events of a calendar object (RFC 5545), as far as a reader wants
// to know of them.

/**
 * A date, or a date and time. What has no zone is the same wall clock time
 * everywhere; utc is set for what is given in UTC.
 * @typedef {{y: number, m: number, d: number, hh: number, mm: number, ss: number, date: boolean, utc: boolean, zone: string}} When
 * @typedef {{name: string, address: string, answer: string}} Person
 *
 * @typedef {object} CalendarEvent
 * @property {string} summary
 * @property {string} location
 * @property {string} description
 * @property {string} status
 * @property {string} rule
 * @property {When | null} start
 * @property {When | null} end
 * @property {Person | null} organizer
 * @property {Person[]} attendees
 */

/** @typedef {{name: string, params: Record<string, string>, value: string}} Line */

const maxEvents = 50;

/**
 * @param {string} text
 * @returns {{method: string, events: CalendarEvent[]}}
 */
export function readCalendar(text) {
  let method = "";
  /** @type {CalendarEvent[]} */
  const events = [];
  /** @type {string[]} */
  const open = []; // components
  for (const line of linesOf(text)) {
    if (line.name === "BEGIN") {
      open.push(line.value.toUpperCase());
      if (open.at(-1) === "VEVENT") events.push(newEvent());
      if (events.length > maxEvents) break;
    } else if (line.name === "END") {
      open.pop();
    } else if (open.at(-1) === "VEVENT") {
      take(events[events.length - 1], line);
    } else if (line.name === "METHOD") {
      method = line.value.toUpperCase();
    }
  }
  return { method, events };
}

/** @returns {CalendarEvent} */
const newEvent = () => ({ summary: "", location: "", description: "", status: "", rule: "", start: null, end: null, organizer: null, attendees: [] });

/**
 * @param {CalendarEvent} e
 * @param {Line} line
 */
function take(e, { name, params, value }) {
  switch (name) {
    case "SUMMARY":
      e.summary = plain(value);
      break;
    case "LOCATION":
      e.location = plain(value);
      break;
    case "DESCRIPTION":
      e.description = plain(value);
      break;
    case "STATUS":
      e.status = value.toUpperCase();
      break;
    case "RRULE":
      e.rule = value;
      break;
    case "DTSTART":
      e.start = when(params, value);
      break;
    case "DTEND":
      e.end = when(params, value);
      break;
    case "DURATION":
      if (e.start) e.end = later(e.start, value);
      break;
    case "ORGANIZER":
      e.organizer = person(params, value);
      break;
    case "ATTENDEE":
      e.attendees.push(person(params, value));
  }
}

/**
 * Content lines, unfolded (RFC 5545 §3.1).
 * @param {string} text
 * @returns {Line[]}
 */
function linesOf(text) {
  /** @type {Line[]} */
  const lines = [];
  for (const line of text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/)) {
    const m = /^([\w-]+)((?:;[\w-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/.exec(line);
    if (!m) continue;
    /** @type {Record<string, string>} */
    const params = {};
    for (const [, key, quoted, bare] of m[2].matchAll(/;([\w-]+)=(?:"([^"]*)"|([^;]*))/g)) params[key.toUpperCase()] = quoted ?? bare;
    lines.push({ name: m[1].toUpperCase(), params, value: m[3].trim() });
  }
  return lines;
}

/** @param {string} value */
const plain = (value) => value.replace(/\\([nN,;\\])/g, (_, c) => (c === "n" || c === "N" ? "\n" : c));

/**
 * @param {Record<string, string>} params
 * @param {string} value
 * @returns {Person}
 */
function person(params, value) {
  return { name: params.CN ?? "", address: value.replace(/^mailto:/i, ""), answer: (params.PARTSTAT ?? "").toLowerCase() };
}

/**
 * @param {Record<string, string>} params
 * @param {string} value
 * @returns {When | null}
 */
function when(params, value) {
  const m = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?$/i.exec(value);
  if (!m) return null;
  const [y, mo, d, hh, mm, ss] = m.slice(1, 7).map((n) => Number(n ?? 0));
  return { y, m: mo, d, hh, mm, ss, date: m[4] === undefined, utc: m[7] !== undefined, zone: params.TZID ?? "" };
}

/**
 * @param {When} from
 * @param {string} duration as in PT45M or P1D
 * @returns {When | null}
 */
function later(from, duration) {
  const m = /^\+?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(duration);
  if (!m) return null;
  const [w, d, h, min, s] = m.slice(1).map((n) => Number(n ?? 0));
  const at = new Date(clock(from) + ((((w * 7 + d) * 24 + h) * 60 + min) * 60 + s) * 1000);
  return { ...from, y: at.getUTCFullYear(), m: at.getUTCMonth() + 1, d: at.getUTCDate(), hh: at.getUTCHours(), mm: at.getUTCMinutes(), ss: at.getUTCSeconds() };
}

/**
 * The time on the wall, as if it were UTC.
 * @param {When} w
 */
export const clock = (w) => Date.UTC(w.y, w.m - 1, w.d, w.hh, w.mm, w.ss);

/**
 * When it is: in the reader's zone if it is given in UTC, else as it was
 * written, with the zone that it was written in.
 * @param {CalendarEvent} e
 * @param {string} locale
 * @returns {string}
 */
export function whenOf(e, locale) {
  if (!e.start) return "";
  const { start } = e;
  // The end of whole days is the day after the last (RFC 5545 §3.6.1).
  const end = e.end && (e.end.date ? Math.max(clock(e.end) - 86_400_000, clock(start)) : clock(e.end));
  const format = new Intl.DateTimeFormat(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    ...(start.date ? {} : { hour: "2-digit", minute: "2-digit" }),
    ...(start.utc ? { timeZoneName: "short" } : { timeZone: "UTC" }),
  });
  const text = end !== null && end > clock(start) ? format.formatRange(clock(start), end) : format.format(clock(start));
  return start.zone && !start.utc ? `${text} (${start.zone})` : text;
}
