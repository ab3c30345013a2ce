import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { assert, check } from "./check.mjs";
import { rich, send } from "./smtp.mjs";

/**
 * cypress-mailpit: its commands without Cypress. What they use of it is stood in
 * for: cy.request as Cypress documents it (JSON bodies, failing unless 2xx), over
 * fetch, and cy.wrap, cy.wait and cy.env, whose chains are promises here.
 */
export async function cypressMailpit(url, smtp) {
  globalThis.Cypress = {
    expose: (name) => (name === "MAILPIT_URL" ? url : undefined),
    config: () => 10_000,
  };
  globalThis.cy = {
    env: async () => ({}),
    wrap: async (v) => v,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    request: async ({ method, url, qs, body }) => {
      const to = new URL(url);
      for (const [k, v] of Object.entries(qs ?? {})) to.searchParams.set(k, v);
      const resp = await fetch(to, {
        method,
        headers: { accept: "*/*", ...(body && { "content-type": "application/json" }) },
        body: body && JSON.stringify(body),
      });
      const text = await resp.text();
      if (!resp.ok) throw new Error(`${method} ${to}: ${resp.status} ${text}`);
      const json = resp.headers.get("content-type")?.includes("application/json");
      return { status: resp.status, body: json ? JSON.parse(text) : text };
    },
  };
  // The package is an ES module that does not say so: it is meant for bundlers.
  const source = join(dirname(createRequire(import.meta.url).resolve("cypress-mailpit")), "src", "MailpitCommands.js");
  const dir = await mkdtemp(join(tmpdir(), "cypress-mailpit-"));
  const module = join(dir, "commands.mjs");
  await copyFile(source, module);
  const { MailpitCommands } = await import(pathToFileURL(module).href);
  await rm(dir, { recursive: true });
  const mail = new MailpitCommands();
  const is = (name, run) => check(`cypress-mailpit: ${name}`, run);

  await is("mailpitDeleteAllEmails", async () => {
    await mail.mailpitDeleteAllEmails();
    assert.equal((await mail.mailpitGetAllMails()).total, 0);
  });
  await is("mailpitHasEmailsBySubject", async () => {
    const waiting = mail.mailpitHasEmailsBySubject("Grüße", 0, 50, { interval: 50 });
    await send(smtp, "bounce@example.test", ["jane@app.test"], rich);
    assert.equal((await waiting).messages_count, 1);
    await mail.mailpitHasEmailsByTo("jane@app.test");
    await mail.mailpitNotHasEmailsByTo("nobody@app.test");
    await mail.mailpitNotHasEmailsBySubject("Farewell");
    await mail.mailpitHasEmailsBySearch("has:attachment is:unread");
    await mail.mailpitNotHasEmailsBySearch("is:read");
  });
  await is("assertions on a mail", async () => {
    const m = await mail.mailpitGetMail();
    assert.equal(await mail.mailpitGetSubject(m), "Grüße");
    assert.equal(await mail.mailpitGetFromAddress(m), "john@example.test");
    assert.deepEqual(await mail.mailpitGetRecipientAddress(m), ["jane@app.test"]);
    assert.deepEqual(await mail.mailpitGetAttachments(m), ["notes.txt", "dot.png"]);
    assert.match(await mail.mailpitGetMailHTMlBody(m), /<b>code<\/b>/);
    assert.match(await mail.mailpitGetMailTextBody(m), /^Schön/);
    assert.match((await mail.mailpitGetMailSpamAssassinSummary(m)).Error, /not offered/);
  });
  await is("read state", async () => {
    const unread = async () => (await mail.mailpitGetAllMails()).unread;
    await mail.mailpitSetAllEmailStatusAsRead();
    assert.equal(await unread(), 0);
    const list = await mail.mailpitGetEmailsBySubject("Grüße");
    await mail.mailpitSetStatusAsUnRead(list.messages);
    assert.equal(await unread(), 1);
    await mail.mailpitSetStatusAsRead(list.messages[0]);
    assert.equal(await unread(), 0);
    await mail.mailpitSetAllEmailStatusAsUnRead();
    assert.equal(await unread(), 1);
  });
  await is("mailpitSendMail", async () => {
    await mail.mailpitSendMail();
    const m = await mail.mailpitGetMail();
    assert.equal(m.Subject, "Hello Mailpit");
    assert.equal(m.Bcc[0].Address, "bcc@example.com");
    await mail.mailpitSendMail({ subject: "With a file", attachments: [{ FileName: "a.txt", Content: "YQ==" }] });
    assert.deepEqual(await mail.mailpitGetAttachments(await mail.mailpitGetMail()), ["a.txt"]);
  });
  await is("mailpitDeleteEmailsBySearch", async () => {
    await mail.mailpitDeleteEmailsBySearch("subject:Hello");
    assert.equal((await mail.mailpitGetAllMails()).total, 2);
    await mail.mailpitDeleteAllEmails();
    assert.equal((await mail.mailpitGetAllMails()).total, 0);
  });
}
