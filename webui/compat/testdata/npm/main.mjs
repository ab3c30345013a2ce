// Drives clients that others wrote for Mailpit and MailHog against a server.
// RESTANTE_URL and RESTANTE_SMTP say where it is. Each line of output is a
// check that held; the first that does not ends it.
import { mailpitAPI } from "./mailpit-api.mjs";
import { mailhog } from "./mailhog.mjs";
import { cypressMailpit } from "./cypress-mailpit.mjs";

const url = process.env.RESTANTE_URL.replace(/\/$/, "");
const smtp = process.env.RESTANTE_SMTP;

for (const suite of [mailpitAPI, mailhog, cypressMailpit]) {
  await suite(url, smtp);
}
console.log("all clients are served");
