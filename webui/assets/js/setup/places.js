// Where programs and mail clients reach the server, as seen from this browser.

/**
 * @typedef {object} Door
 * @property {string} host
 * @property {number} port
 *
 * @typedef {object} Places
 * @property {Door | null} smtp
 * @property {Door | null} smtps
 * @property {Door | null} pop3
 * @property {Door | null} pop3s
 * @property {boolean} startTLS
 * @property {boolean} auth  nobody sends without a login
 * @property {boolean} users  only certain logins are right
 */

/**
 * A listener on every interface is reached under the name that the page has.
 * @param {import("../api.js").ServerInfo} info
 * @param {string} here the page's host name
 * @returns {Places}
 */
export function places(info, here = location.hostname) {
  const name = here.replace(/^\[|\]$/g, "");
  const door = (/** @type {"smtp" | "smtps" | "pop3" | "pop3s"} */ listener) => {
    const found = /^(.*):(\d+)$/.exec(info[listener]);
    if (!found || info[listener].startsWith("unix:")) return null;
    const host = info.everywhere.includes(listener) && name ? name : found[1].replace(/^\[|\]$/g, "");
    return { host, port: Number(found[2]) };
  };
  return {
    smtp: door("smtp"),
    smtps: door("smtps"),
    pop3: door("pop3"),
    pop3s: door("pop3s"),
    startTLS: info.starttls,
    auth: info.authRequired || info.users,
    users: info.users,
  };
}

/**
 * As in an address of a URL.
 * @param {Door} door
 */
export const hostPort = ({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`;
