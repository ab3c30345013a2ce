import client from "mailhog";
import { assert, check } from "./check.mjs";
import { rich, send } from "./smtp.mjs";

/** mailhog: every method that talks to the server. */
export async function mailhog(url, smtp) {
  const { hostname, port, pathname } = new URL(url);
  const api = client({ host: hostname, port: Number(port), basePath: pathname.replace(/\/$/, "") + "/api" });
  const is = (name, run) => check(`mailhog: ${name}`, run);

  await is("deleteAll", async () => {
    assert.equal((await api.deleteAll()).statusCode ?? 200, 200);
    assert.equal((await api.messages()).total, 0);
  });
  await send(smtp, "first@example.test", ["someone@app.test"], "From: first@example.test\nSubject: First\n\nplain words\n");
  await send(smtp, "bounce@example.test", ["jane@app.test", "hidden@app.test"], rich);
  await is("messages", async () => {
    const all = await api.messages();
    assert.deepEqual([all.total, all.count, all.start], [2, 2, 0]);
    const m = all.items[0];
    assert.equal(m.subject, "Grüße");
    assert.equal(m.from, "Jöhn <john@example.test>");
    assert.equal(m.to, "Jane <jane@app.test>");
    assert.equal(m.cc, "copy@app.test");
    assert.equal(m.replyTo, "help@example.test");
    assert.equal(m.date.toISOString(), "2026-11-20T16:12:00.000Z");
    assert.ok(Math.abs(m.deliveryDate - Date.now()) < 600_000);
    assert.match(m.text, /^Schön, the code is 123456/);
    assert.match(m.html, /<b>code<\/b>/);
    assert.deepEqual(m.attachments.map((a) => a.name), ["notes.txt", "dot.png"]);
    assert.equal(api.decode(m.attachments[0].Body, m.attachments[0].encoding), "hello, world");
    assert.equal(all.items[1].text ?? all.items[1].Content.Body, "plain words\r\n");
    const second = await api.messages(1, 1);
    assert.deepEqual([second.count, second.start, second.items[0].subject], [1, 1, "First"]);
  });
  await is("search, latestFrom, latestTo, latestContaining", async () => {
    assert.equal((await api.latestFrom("first@")).subject, "First");
    assert.equal((await api.latestTo("hidden@app.test")).subject, "Grüße");
    assert.equal((await api.latestContaining("plain words")).subject, "First");
    assert.equal(await api.latestTo("nobody@"), 0);
    assert.equal((await api.search("app.test", "to", 1, 1)).items[0].subject, "First");
  });
  await is("releaseMessage is refused", async () => {
    const [m] = (await api.messages()).items;
    await assert.rejects(api.releaseMessage(m.ID, { host: "127.0.0.1", port: "1", email: "x@y.test" }));
  });
  await is("deleteMessage", async () => {
    const [m] = (await api.messages()).items;
    assert.equal((await api.deleteMessage(m.ID)).statusCode, 200);
    assert.deepEqual((await api.messages()).items.map((i) => i.subject), ["First"]);
  });
}
