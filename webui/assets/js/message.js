// One message: found, shown, followed.

import { useEffect, useRef, useState } from "preact/hooks";
import * as actions from "./actions.js";
import * as api from "./api.js";
import { command } from "./command.js";
import { t, tt } from "./i18n.js";
import * as live from "./live.js";
import * as mail from "./mail.js";
import { Again, asking } from "./message/again.js";
import { copyText } from "./message/copy.js";
import { stepWidth } from "./message/frame.js";
import { Back, Bar, Head } from "./message/head.js";
import { Tabs, possible, show, tabs } from "./message/tabs.js";
import { reason } from "./reason.js";
import { route } from "./route.js";
import { html } from "./view.js";

/** @typedef {import("./api.js").Message} Message */

/** The message that is shown; null while there is none. */
let shown = /** @type {Message | null} */ (null);

export function MessagePane() {
  const { id } = route.value;
  const { m, problem } = useMessage(id);
  const pane = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    shown = m;
    asking.value = false;
    return () => (shown = null);
  }, [m?.id]);
  shown = m;

  if (!id) return html`<section class="message nothing" aria-label=${t("message.group")}>${mail.matching.value > 0 && html`<p>${tt("message.pane.none", { j: html`<kbd>j</kbd>`, k: html`<kbd>k</kbd>` })}</p>`}</section>`;
  if (problem) return html`<section class="message nothing" aria-label=${t("message.group")}><${Back} /><p role="status">${problem}</p></section>`;
  if (!m) return html`<section class="message nothing" aria-label=${t("message.loading")} aria-busy="true"><${Back} /></section>`;
  return html`
    <article class="message" key=${m.id} data-message=${m.id} aria-labelledby="subject">
      <${Bar} m=${m} seen=${m.seen} />
      <div class="pane" ref=${pane}>
        <${Head} m=${m} />
        <${Tabs} m=${m} pane=${pane} />
      </div>
      ${asking.value && html`<${Again} m=${m} />`}
    </article>
  `;
}

/**
 * The message of an id, true to what the server tells of it. One that is opened
 * is seen.
 * @param {string} id
 * @returns {{m: Message | null, problem: string}}
 */
function useMessage(id) {
  const [got, setGot] = useState(/** @type {{asked: string, m: Message} | null} */ (null));
  const [problem, setProblem] = useState("");
  const [again, setAgain] = useState(0); // times it was asked for anew
  const asking = useRef(false); // the answer may be older than what is told meanwhile

  useEffect(() => {
    setProblem("");
    if (!id) {
      setGot(null);
      return undefined;
    }
    const stop = new AbortController();
    asking.current = true;
    api.get(id, stop.signal).then(
      (m) => {
        asking.current = false;
        setGot({ asked: id, m });
        if (m.seen || got?.asked === id) return; // it may have been marked as unseen meanwhile
        // The event of this may come before the page listens.
        actions.mark(true, { messages: [m] }).then(() => setGot((old) => (old?.m === m ? { ...old, m: { ...m, seen: true } } : old)));
      },
      (e) => {
        if (stop.signal.aborted) return;
        asking.current = false;
        setGot(null);
        setProblem(e instanceof api.Problem && e.status === 404 ? t("message.gone") : reason(e));
      },
    );
    return () => stop.abort();
  }, [id, again]);

  // Listened to from the moment it is asked for: the answer may be older than an event.
  const known = got?.asked === id ? got.m.id : id;
  useEffect(() => {
    if (!known) return undefined;
    const note = (/** @type {{id: string} & Partial<Message>} */ { id, ...change }) => {
      if (id !== known) return;
      setGot((old) => old && { ...old, m: { ...old.m, ...change } });
      if (asking.current) setAgain((n) => n + 1);
    };
    const gone = (/** @type {{id: string, mailboxes: string[]}} */ e) => {
      if (e.id !== known) return;
      if (e.mailboxes.length || asking.current) setAgain((n) => n + 1); // it may still be in others
      else setProblem(t("message.gone"));
    };
    const ends = [
      live.on("seen", (e) => note({ id: e.id, seen: e.seen })),
      live.on("tagged", (e) => note({ id: e.id, tags: e.tags })),
      live.on("deleted", gone),
      live.on("pruned", gone),
      live.on("resync", () => setAgain((n) => n + 1)),
      live.on("connected", () => setAgain((n) => n + 1)), // what happened before was not told
    ];
    return () => ends.forEach((end) => end());
  }, [known]);

  return { m: got?.asked === id ? got.m : null, problem };
}

const group = () => t("message.group");
const open = () => shown !== null;

tabs.forEach(({ title }, i) => {
  command({
    id: `message.tab.${i + 1}`,
    title: () => t("message.key.tab", { tab: t(shown ? (possible(shown)[i]?.title ?? title) : title) }),
    group,
    keys: [String(i + 1)],
    when: () => shown !== null && i < possible(shown).length,
    run: () => shown && show(shown, possible(shown)[i].tab),
  });
});
command({
  id: "message.code",
  title: () => t("message.key.code"),
  group,
  keys: ["y"],
  when: () => Boolean(shown?.codes.length),
  run: () => shown && copyCode(shown.codes[0].code),
});
command({ id: "message.download", title: () => t("message.download"), group, keys: ["e"], when: open, run: () => shown && download(shown.id) });
command({ id: "message.again", title: () => t("message.again"), group, keys: ["r"], when: open, run: () => void (asking.value = true) });
command({ id: "message.narrower", title: () => t("message.key.narrower"), group, keys: ["["], when: open, run: () => stepWidth(-1) });
command({ id: "message.wider", title: () => t("message.key.wider"), group, keys: ["]"], when: open, run: () => stepWidth(1) });

/** @param {string} code */
function copyCode(code) {
  return actions.act(async () => {
    await copyText(code);
    actions.toast(t("message.code.copied", { code }));
  });
}

/** @param {string} id */
function download(id) {
  const a = document.createElement("a");
  a.href = api.rawURL(id);
  a.download = "";
  a.click();
}
