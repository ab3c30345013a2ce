// A rule and an address as one types them elsewhere.

import { hostPort } from "../setup/places.js";

/**
 * @typedef {import("./say.js").FaultRule} FaultRule
 * @typedef {import("../setup/places.js").Places} Places
 */

/** For a shell. @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** @param {object} rule */
export const json = (rule) => JSON.stringify(rule, null, 2);

/** @param {object} rule */
export const curl = (rule) => `curl -fsS ${new URL("v1/faults", document.baseURI)} \\\n  -H 'Content-Type: application/json' -d ${quoted(json(rule))}`;

/** Names that are not only the JSON's with a capital. @type {Record<string, string>} */
const names = { ttl: "TTL", dsn: "DSN", delayedDSN: "DelayedDSN", uid: "UID" };

/** @type {Record<string, string>} */
const types = { for: "client.FaultFor", do: "client.FaultAction", often: "client.FaultOften", reply: "&client.FaultReply" };

/**
 * @param {string} name
 * @param {any} value
 * @returns {string}
 */
function literal(name, value) {
  if (name === "until" || name === "expires") {
    const d = new Date(value);
    return `time.Date(${[d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()].join(", ")}, 0, time.UTC)`;
  }
  if (Array.isArray(value)) return `[]string{${value.map((each) => JSON.stringify(each)).join(", ")}}`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `${types[name]}{${Object.entries(value).map(([key, of]) => `${names[key] ?? key[0].toUpperCase() + key.slice(1)}: ${literal(key, of)}`).join(", ")}}`;
}

/** For a test in Go. @param {object} rule */
export function goTest(rule) {
  const fields = Object.entries(rule).map(([key, of]) => `\t${literal(".", { [key]: of }).slice("undefined{".length, -1)},\n`);
  return `srv := restantetest.Start(t)\nsrv.Fault(t, client.FaultRule{\n${fields.join("")}})`;
}

/**
 * A command that meets a fault of an address.
 * @param {Places} p
 * @param {"sender" | "recipient" | "user"} role of the address
 * @param {string} address
 * @param {boolean} pop3
 * @returns {{id: string, name: string, text: string}[]}
 */
export function commands(p, role, address, pop3) {
  const { smtp } = p;
  if (pop3) return p.pop3 ? [{ id: "curl", name: "curl", text: `curl -sS pop3://${hostPort(p.pop3)}/1 -u ${quoted(`${address}:any`)}` }] : [];
  if (!smtp) return [];
  const from = quoted(role === "sender" ? address : "app@app.test");
  const to = quoted(role === "recipient" ? address : "alice@app.test");
  const login = role === "user" ? address : p.auth ? "user" : "";
  return [
    {
      id: "curl",
      name: "curl",
      text: `printf 'Subject: Hello\\r\\n\\r\\nHello.\\r\\n' |\n  curl -sS smtp://${hostPort(smtp)} -T -${login && ` -u ${quoted(`${login}:password`)}`} \\\n  --mail-from ${from} --mail-rcpt ${to}`,
    },
    {
      id: "swaks",
      name: "swaks",
      text: `swaks --server ${smtp.host} --port ${smtp.port}${login && ` --auth-user ${quoted(login)} --auth-password password`} \\\n  --from ${from} --to ${to}`,
    },
  ];
}
