// What one can do with messages, from buttons and keys alike.

import { batch, signal } from "@preact/signals";
import * as api from "./api.js";
import { command } from "./command.js";
import { ask } from "./dialog.js";
import { t } from "./i18n.js";
import { onePane } from "./layout.js";
import * as mail from "./mail.js";
import { reason } from "./reason.js";
import { go, route } from "./route.js";
import * as select from "./select.js";
import { learn, tagging } from "./tags.js";
import { toast } from "./toast.js";
import { onFailure, pending, removeLater, undo, undoable } from "./undo.js";

export { toast } from "./toast.js";

/**
 * @typedef {import("./api.js").Summary} Summary
 * @typedef {{messages: Summary[]} | import("./undo.js").Matching} Target
 */

/** Why the last action failed; "" when it did not. */
export const failure = signal("");

/** @param {unknown} e */
function fail(e) {
  failure.value = e instanceof TypeError ? t("list.unreachable") : reason(e);
}
onFailure(fail);

/**
 * Does something, and shows when it fails.
 * @param {() => Promise<unknown>} run
 */
export async function act(run) {
  try {
    await run();
    failure.value = "";
  } catch (e) {
    fail(e);
  }
}

/** Closes the message. */
export function close() {
  const at = mail.find(route.peek().id);
  go({ id: "", tab: "" });
  if (at) focusAt(at);
}

/* Where the keyboard is. list.js moves the focus and the view there. */

/** The row that is to have the focus. */
export const focusOn = signal(/** @type {{seq: number} | null} */ (null));

/**
 * A row has got the focus. While it is on its way to another one that is
 * nothing.
 * @param {Summary} m
 */
export function focused(m) {
  const to = focusOn.peek();
  if (!to || to.seq === m.seq) mail.cursor.value = m;
}

/** @param {Summary} m */
function focusAt(m) {
  batch(() => {
    mail.cursor.value = m;
    focusOn.value = { seq: m.seq };
  });
}

/** @param {string} id */
export function open(id) {
  go({ id, tab: "" });
}

/** The position of the keyboard's row, else of the open message; -1: neither. */
function here() {
  const m = mail.cursor.peek() ?? mail.find(route.peek().id);
  return m ? mail.position(m.seq) : -1;
}

/**
 * Moves the keyboard's row. A message that is open beside the list changes with it.
 * @param {number} to position
 */
async function moveTo(to) {
  const last = mail.matching.peek() - 1;
  const at = Math.min(Math.max(to, 0), last);
  if (last < 0) return null;
  const m = mail.row(at) ?? (await mail.bring(at));
  if (!m) return null;
  focusAt(m);
  if (route.peek().id && !onePane.peek()) go({ id: m.id, tab: "" }, { replace: true });
  return m;
}

/** @param {number} by */
export function step(by) {
  const at = here();
  return moveTo(at < 0 ? 0 : at + by);
}

/** @param {number} by */
async function extend(by) {
  const from = mail.cursor.peek() ?? mail.row(Math.max(here(), 0));
  if (!from) return;
  select.startRange(from);
  const to = await step(by);
  if (to) await selectTo(to);
}

/** @param {Summary} m */
export async function selectTo(m) {
  if (!(await select.selectTo(m))) toast(t("list.range.long", { n: select.mostInRange }));
}

/** @param {Summary} m */
export function toggle(m) {
  if (!select.toggle(m)) toast(t("list.except.many"));
}

/* What is done to messages. */

/**
 * What an action is about: what is selected, else the open message, else the
 * keyboard's row.
 * @returns {Target | null}
 */
export function target() {
  const chosen = select.target();
  if (chosen) return chosen;
  const at = mail.find(route.peek().id) ?? mail.cursor.peek();
  const m = at && mail.get(at.seq);
  return m ? { messages: [m] } : null;
}

/** @param {Target} what */
const size = (what) => ("messages" in what ? what.messages.length : what.count);

/**
 * Deletes, with time to think again. What there can be none for is asked about.
 * @param {Target | null} [what] messages may be such as are not in the list
 */
export async function remove(what = target()) {
  if (!what || !size(what)) return;
  const n = size(what);
  if (!undoable(what) && !(await ask({ title: t("list.delete.many", { n }), text: t("list.delete.final"), action: t("list.delete"), danger: true }))) return;
  const { id } = route.peek();
  const keyboard = mail.cursor.peek() ?? mail.find(id);
  const some = "messages" in what ? what.messages : [];
  const one = some.length === 1 ? some[0] : null;
  const shown = mail.find(id);
  removeLater(what, t("list.deleted", { n }), () => {
    if (!one || !mail.get(one.seq)) return;
    focusAt(one);
    if (route.peek().id || (id && !onePane.peek())) go({ id: one.id, tab: "" }, { replace: true });
  });
  if (!undoable(what)) toast(t("list.deleted", { n }));
  select.clear();
  // On to the one below, else above.
  let next;
  if (keyboard && !mail.get(keyboard.seq)) {
    const place = mail.position(keyboard.seq);
    next = mail.row(place) ?? mail.row(place - 1);
    if (next) focusAt(next);
    else mail.cursor.value = null;
  }
  if (some.some((m) => m.id === id) || (shown && !mail.get(shown.seq))) go({ id: next && !onePane.peek() ? next.id : "", tab: "" }, { replace: true });
}

/**
 * Deletes one message, which may not be in the list.
 * @param {string} id
 */
export function deleteMessage(id) {
  return act(async () => remove({ messages: [mail.find(id) ?? (await api.get(id, new AbortController().signal))] }));
}

const perRequest = 1000;

/**
 * Does something to all messages of a target, as many at a time as the server
 * takes. Of many it tells how far it is.
 * @param {Target} what
 * @param {"list.marking" | "list.tagging"} doing
 * @param {(messages: Summary[]) => Promise<void>} each
 */
async function forAll(what, doing, each) {
  if ("messages" in what) {
    for (let i = 0; i < what.messages.length; i += perRequest) await each(what.messages.slice(i, i + perRequest));
    return;
  }
  const { q, mailbox, count } = what;
  let { before } = what;
  let stopped = false;
  let take = () => {};
  try {
    for (let done = 0; before && !stopped; ) {
      const page = await api.list({ q, mailbox, before, limit: perRequest });
      await each(page.messages);
      done += page.messages.length;
      before = page.next;
      take();
      if (before) take = toast(t(doing, { n: done, all: count }), { time: 0, action: { label: t("list.stop"), run: () => (stopped = true) } });
    }
  } finally {
    take();
  }
}

/**
 * @param {boolean} seen
 * @param {Target | null} [what]
 */
export function mark(seen, what = target()) {
  return act(async () => {
    if (!what) return;
    await forAll(what, "list.marking", async (messages) => {
      const others = messages.filter((m) => m.seen !== seen);
      if (!others.length) return;
      mail.anticipate(others, () => ({ seen }));
      try {
        await api.changeMany(others.map((m) => m.id), { seen });
      } catch (e) {
        mail.anticipate(others, () => ({ seen: !seen }));
        throw e;
      }
    });
  });
}

/**
 * Asks for tags and puts them on messages.
 * @param {Target | null} [what]
 */
export function tag(what = target()) {
  if (!what || !size(what)) return;
  const here = "messages" in what ? what.messages : mail.loaded();
  const on = new Map();
  for (const m of here) for (const each of m.tags) on.set(each, (on.get(each) ?? 0) + 1);
  learn(new Set([...on.keys(), ...mail.loaded().flatMap((m) => m.tags)]));
  tagging.value = { count: size(what), on, here: here.length, apply: (add, away) => putTags(what, add, away) };
}

/**
 * @param {Target} what
 * @param {string[]} add
 * @param {string[]} away
 */
function putTags(what, add, away) {
  return act(() =>
    forAll(what, "list.tagging", async (messages) => {
      // The API sets all tags of a message: those that get the same go together.
      /** @type {Map<string, Summary[]>} */
      const groups = new Map();
      for (const m of messages) {
        const tags = [...new Set([...m.tags.filter((each) => !away.includes(each)), ...add])].sort();
        if (tags.join("\0") === m.tags.join("\0")) continue;
        const key = JSON.stringify(tags);
        groups.set(key, [...(groups.get(key) ?? []), m]);
      }
      for (const [key, group] of groups) {
        const tags = JSON.parse(key);
        mail.anticipate(group, () => ({ tags }));
        try {
          await api.changeMany(group.map((m) => m.id), { tags });
        } catch (e) {
          mail.anticipate(group, (m) => ({ tags: m.tags }));
          throw e;
        }
      }
    }),
  );
}

/* By key and by name. */

const group = () => t("list.group");
const inMail = () => route.value.view === "mail";
const some = () => inMail() && mail.matching.value > 0;
const any = () => inMail() && (select.selected.value > 0 || Boolean(route.value.id || mail.cursor.value));

/**
 * Keys that scroll elsewhere are the list's where the focus is in it.
 * @param {() => unknown} run
 * @returns {(e?: Event) => unknown}
 */
const inList = (run) => (e) => (e?.target instanceof Element && e.target.closest(".rows") ? void run() : false);

/** Rows that fit. */
const fit = () => Math.max(Math.floor((document.querySelector(".rows")?.clientHeight ?? 0) / (document.querySelector(".row")?.clientHeight || 80)) - 1, 1);

command({ id: "list.next", title: () => t("list.next"), group, keys: ["j"], when: some, run: () => void step(1) });
command({ id: "list.previous", title: () => t("list.previous"), group, keys: ["k"], when: some, run: () => void step(-1) });
for (const [key, run] of /** @type {[string, () => unknown][]} */ ([
  ["ArrowDown", () => step(1)],
  ["ArrowUp", () => step(-1)],
  ["PageDown", () => step(fit())],
  ["PageUp", () => step(-fit())],
  ["Home", () => moveTo(0)],
  ["End", () => moveTo(Infinity)],
  ["Shift+ArrowDown", () => extend(1)],
  ["Shift+ArrowUp", () => extend(-1)],
])) {
  command({ id: `list.${key}`, title: () => key, group, keys: [key], when: some, run: inList(run), hidden: true });
}
command({
  id: "list.open",
  title: () => t("list.open"),
  group,
  keys: ["Enter", "o"],
  when: some,
  run: (e) => {
    const m = mail.cursor.peek();
    // Enter is for what has the focus.
    const busy = e instanceof KeyboardEvent && e.key === "Enter" && e.target instanceof Element && e.target.closest("a, button, summary, input, select, [role=separator]");
    if (!m || busy) return false;
    open(m.id);
    return true;
  },
});
command({
  id: "list.select",
  title: () => t("list.select"),
  group,
  keys: ["x"],
  when: some,
  run: () => {
    const m = mail.cursor.peek() ?? mail.find(route.peek().id);
    if (m) toggle(m);
    else step(0).then((first) => first && toggle(first));
  },
});
command({ id: "list.extend", title: () => t("list.extend"), group, keys: ["Shift+j"], when: some, run: () => void extend(1) });
command({ id: "list.extendUp", title: () => t("list.extendUp"), group, keys: ["Shift+k"], when: some, run: () => void extend(-1) });
command({ id: "list.all", title: () => t("list.selectAll"), group, keys: ["* a"], when: some, run: select.selectAll });
command({ id: "list.delete", title: () => t("list.delete"), group, keys: ["#", "Delete"], when: any, run: () => remove() });
command({ id: "list.seen", title: () => t("list.markSeen"), group, keys: ["Shift+i"], when: any, run: () => void mark(true) });
command({ id: "list.unseen", title: () => t("list.markUnseen"), group, keys: ["u"], when: any, run: () => void mark(false) });
command({ id: "list.tag", title: () => t("list.tag"), group, keys: ["l"], when: any, run: () => tag() });
command({ id: "list.undo", title: () => t("list.undoDelete"), group, keys: ["z"], when: () => pending.value.length > 0, run: () => undo() });
