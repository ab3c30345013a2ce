import net from "node:net";
import { once } from "node:events";

/** Sends one message over SMTP. Recipients may be others than the header says. */
export async function send(address, from, to, raw) {
  const at = address.lastIndexOf(":");
  const socket = net.connect(Number(address.slice(at + 1)), address.slice(0, at));
  socket.setEncoding("latin1");
  let pending = "";
  const reply = async (code) => {
    let m;
    while (!(m = /^(?:\d{3}-.*\r\n)*(\d{3}) .*\r\n/.exec(pending))) {
      const [data] = await once(socket, "data");
      pending += data;
    }
    pending = pending.slice(m[0].length);
    if (m[1] !== code) throw new Error(`wanted ${code}: ${m[0]}`);
  };
  const say = async (line, code) => {
    socket.write(line + "\r\n");
    await reply(code);
  };
  await reply("220");
  await say("EHLO client.test", "250");
  await say(`MAIL FROM:<${from}>`, "250");
  for (const rcpt of to) await say(`RCPT TO:<${rcpt}>`, "250");
  await say("DATA", "354");
  await say(raw.replace(/\r?\n/g, "\r\n").replace(/^\./gm, "..") + ".", "250");
  await say("QUIT", "221");
  socket.destroy();
}

export const rich = `From: =?utf-8?q?J=C3=B6hn?= <john@example.test>
To: Jane <jane@app.test>
Cc: copy@app.test
Reply-To: help@example.test
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Date: Fri, 20 Nov 2026 16:12:00 +0000
Message-ID: <rich@example.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Sch=C3=B6n, the code is 123456
--m
Content-Type: text/html; charset=utf-8

<p>The <b>code</b> is 123456</p>
--m
Content-Type: text/plain; charset=utf-8; name=notes.txt
Content-Disposition: attachment; filename="notes.txt"
Content-Transfer-Encoding: base64

aGVsbG8sIHdvcmxk
--m
Content-Type: image/png; name=dot.png
Content-Disposition: attachment; filename="dot.png"
Content-Transfer-Encoding: base64

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC
--m--
`;
