// What an address in a message is worth: may it be followed, where does it
// lead, what does it tell.

/**
 * @param {string} href
 * @returns {URL | null}
 */
export function parsed(href) {
  try {
    return new URL(href);
  } catch {
    return null;
  }
}

const followed = new Set(["http:", "https:", "mailto:", "tel:", "sms:"]);

/**
 * Whether a click on it is safe: it runs nothing here.
 * @param {string} href
 */
export function safe(href) {
  const url = parsed(href);
  return url !== null && followed.has(url.protocol);
}

/**
 * An address for a line: host and path, without what is only for machines.
 * @param {string} href
 */
export function brief(href) {
  const url = parsed(href);
  if (!url) return href;
  if (!/^https?:$/.test(url.protocol)) return url.protocol + readable(url.pathname);
  return url.host + (url.pathname === "/" ? "" : readable(url.pathname)) + (url.search ? "?…" : "");
}

/** @param {string} path */
function readable(path) {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/**
 * The host that a link's text promises and the one it leads to, when these are
 * two. A host and those below it are one.
 * @param {{href: string, text: string}} link
 * @returns {{says: string, leads: string} | null}
 */
export function differs({ href, text }) {
  const says = hostIn(text);
  const url = parsed(href);
  if (!says || !url || !/^https?:$/.test(url.protocol)) return null;
  const leads = url.hostname.replace(/^www\./, "");
  const named = says.replace(/^www\./, "");
  if (leads === named || leads.endsWith(`.${named}`)) return null;
  return { says, leads: url.hostname };
}

/** @param {string} text */
function hostIn(text) {
  const m = /^\s*(?:https?:\/\/([^\s/?#:@]+)|((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})(?:[/?#:]\S*)?\s*$)/iu.exec(text);
  if (!m) return "";
  // As a browser has it: lower case, and what is no ASCII in Punycode.
  return parsed(`http://${m[1] ?? m[2]}/`)?.hostname ?? "";
}

const trackers = /^(utm_\w+|ga_\w+|_ga|gclid|dclid|fbclid|msclkid|twclid|mc_[ce]id|mkt_tok|_hs(enc|mi)|vero_\w+|oly_\w+_id|wickedid|ck_subscriber_id|_ke|s_cid|ml_subscriber(_hash)?|_bhlid|sc_(eh|lid|llid|uid))$/i;

/**
 * Names of the parameters that only tell who came from where.
 * @param {string} href
 */
export function trackingOf(href) {
  return [...new Set([...(parsed(href)?.searchParams.keys() ?? [])].filter((name) => trackers.test(name)))];
}
