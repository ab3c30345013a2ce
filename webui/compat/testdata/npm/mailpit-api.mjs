import { MailpitClient } from "mailpit-api";
import { assert, check } from "./check.mjs";
import { rich, send } from "./smtp.mjs";

/** mailpit-api: every method it has. */
export async function mailpitAPI(url, smtp) {
  const client = new MailpitClient(url);
  const is = (name, run) => check(`mailpit-api: ${name}`, run);
  await client.deleteMessages();

  await is("waitForMessage", async () => {
    const waiting = client.waitForMessage({ query: "subject:Grüße" }, { timeout: 10_000, interval: 50 });
    await send(smtp, "bounce@example.test", ["jane@app.test", "copy@app.test", "hidden@app.test"], rich);
    const m = await waiting;
    assert.equal(m.Subject, "Grüße");
    assert.deepEqual(m.From, { Name: "Jöhn", Address: "john@example.test" });
    assert.deepEqual(m.Bcc, [{ Name: "", Address: "hidden@app.test" }]);
    assert.equal(m.ReturnPath, "bounce@example.test");
    assert.match(m.Text, /^Schön, the code is 123456/);
    assert.deepEqual(m.Attachments.map((a) => [a.FileName, a.Size]), [["notes.txt", 12], ["dot.png", 69]]);
    assert.equal(m.Attachments[0].Checksums.MD5, "e4d7f1b4ed2e42d15898f4b27b019da4");
  });
  const latest = await client.getMessageSummary();
  await is("getMessageHeaders", async () => {
    const h = await client.getMessageHeaders(latest.ID);
    assert.deepEqual(h["Message-Id"], ["<rich@example.test>"]);
  });
  await is("getMessageSource", async () => assert.equal(await client.getMessageSource(), rich.replaceAll("\n", "\r\n")));
  await is("getMessageAttachment", async () => {
    const blob = await client.getMessageAttachment(latest.ID, latest.Attachments[0].PartID);
    assert.equal(await blob.text(), "hello, world");
    assert.match(blob.type, /^text\/plain/);
  });
  await is("getAttachmentThumbnail", async () => {
    const blob = await client.getAttachmentThumbnail("latest", latest.Attachments[1].PartID);
    assert.equal(blob.type, "image/jpeg");
    assert.ok(blob.size > 100);
  });
  await is("renderMessageHTML, renderMessageText", async () => {
    assert.match(await client.renderMessageHTML(), /<b>code<\/b>/);
    assert.match(await client.renderMessageText(latest.ID), /^Schön/);
  });

  let sent;
  await is("sendMessage", async () => {
    sent = await client.sendMessage({
      From: { Email: "a@example.test", Name: "Ä" },
      To: [{ Email: "b@app.test" }],
      Bcc: ["c@app.test"],
      Subject: "Sent",
      Text: "text",
      HTML: "<p>html</p>",
      Tags: ["first tag"],
      Attachments: [{ Filename: "x.txt", Content: Buffer.from("x").toString("base64") }],
    });
    const m = await client.getMessageSummary(sent.ID);
    assert.equal(m.From.Name, "Ä");
    assert.deepEqual(m.Tags, ["first tag"]);
    assert.equal(m.Attachments.length, 1);
  });
  await is("listMessages", async () => {
    const list = await client.listMessages(0, 1);
    assert.deepEqual([list.total, list.messages_count, list.messages.length, list.start], [2, 2, 1, 0]);
    assert.equal(list.messages[0].ID, sent.ID);
    assert.deepEqual(list.tags, ["first tag"]);
    const second = await client.listMessages(1, 1);
    assert.equal(second.messages[0].ID, latest.ID);
  });
  await is("searchMessages", async () => {
    for (const query of ["bcc:hidden", 'from:john -tag:"first tag"', "has:attachment subject:gr", '"the code is"']) {
      const found = await client.searchMessages({ query });
      assert.deepEqual(found.messages.map((m) => m.ID), [latest.ID], query);
    }
    const none = await client.searchMessages({ query: "after:2099-01-01", tz: "Pacific/Auckland" });
    assert.equal(none.messages_count, 0);
  });
  await is("setReadStatus", async () => {
    const unread = async () => (await client.searchMessages({ query: "is:unread" })).messages_count;
    assert.equal(await unread(), 2, "looking at messages marks nothing as read");
    await client.setReadStatus({ IDs: [sent.ID], Read: true });
    assert.equal(await unread(), 1);
    await client.setReadStatus({ Search: "from:john", Read: true });
    assert.equal(await unread(), 0);
    await client.setReadStatus();
    assert.equal(await unread(), 2);
  });
  await is("tags", async () => {
    await client.setTags({ IDs: [latest.ID], Tags: ["one", "two"] });
    assert.deepEqual(await client.getTags(), ["first tag", "one", "two"]);
    await client.renameTag("first tag", "renamed");
    await client.deleteTag("one");
    assert.deepEqual(await client.getTags(), ["renamed", "two"]);
    await client.setTags({ IDs: [latest.ID] });
    assert.deepEqual(await client.getTags(), ["renamed"]);
  });
  await is("getInfo, getConfiguration", async () => {
    const info = await client.getInfo();
    assert.deepEqual([info.Messages, info.Unread, info.Tags], [2, 2, { renamed: 1 }]);
    assert.equal((await client.getConfiguration()).MessageRelay.Enabled, false);
  });
  await is("checks say that they are not offered", async () => {
    assert.match((await client.spamAssassinCheck()).Error, /not offered/);
    assert.match((await client.linkCheck()).Links[0].Status, /Not checked/);
    assert.match((await client.htmlCheck()).Warnings[0].Title, /not offered/);
    await assert.rejects(client.releaseMessage("latest", ["x@y.test"]), /never sends mail on/);
    await assert.rejects(client.getChaosTriggers(), /not offered/);
    await assert.rejects(client.setChaosTriggers(), /not offered/);
  });
  await is("waitForMessages", async () => {
    const waiting = client.waitForMessages({ query: "to:many", count: 3 }, { timeout: 10_000, interval: 50 });
    for (let i = 0; i < 3; i++) await client.sendMessage({ From: { Email: "a@b.test" }, To: [{ Email: "many@app.test" }] });
    assert.equal((await waiting).messages_count, 3);
    await assert.rejects(client.waitForMessage({ query: "to:nobody" }, { timeout: 120, interval: 50 }), /Timeout/);
  });
  await is("deleteMessages, deleteMessagesBySearch", async () => {
    await client.deleteMessagesBySearch({ query: "to:many" });
    assert.equal((await client.listMessages()).total, 2);
    await client.deleteMessages({ IDs: [sent.ID] });
    assert.equal((await client.listMessages()).total, 1);
    await assert.rejects(client.deleteMessages({ IDs: [] }), /nothing was deleted/);
    await client.deleteMessages();
    assert.equal((await client.listMessages()).total, 0);
    await assert.rejects(client.getMessageSummary(), /404/);
  });
  await is("WebSocket", async () => {
    if (typeof WebSocket === "undefined") return; // Node before 22 has none
    const socket = new WebSocket(url.replace(/^http/, "ws") + "/api/events");
    const told = new Promise((resolve, reject) => {
      socket.onmessage = (e) => JSON.parse(e.data).Type === "new" && resolve(JSON.parse(e.data));
      socket.onerror = reject;
    });
    await new Promise((resolve) => (socket.onopen = resolve));
    const knock = setInterval(() => client.sendMessage({ From: { Email: "a@b.test" }, To: [{ Email: "ws@app.test" }] }), 50);
    assert.equal((await told).Data.To[0].Address, "ws@app.test");
    clearInterval(knock);
    socket.close();
  });
}
