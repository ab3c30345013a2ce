// The list of messages.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Empty } from "./empty.js";
import { exactly, names, plural, size, when } from "./format.js";
import * as icons from "./icons.js";
import * as mail from "./mail.js";
import { follow, href, route } from "./route.js";
import { html } from "./view.js";

/** @typedef {import("./api.js").Summary} Summary */

export function List() {
  const pane = useRef(/** @type {HTMLElement | null} */ (null));
  const first = useRef(0); // seq of the first row when it was last drawn
  const query = useRef("");
  const [unread, setUnread] = useState(0); // rows that came above what is read
  const items = mail.items.value;
  const { q } = route.value;

  // What one reads does not move: rows that came on top push the view down.
  useLayoutEffect(() => {
    const el = pane.current;
    if (!el) return;
    const added = items.findIndex((m) => m.seq === first.current);
    if (query.current !== q) {
      el.scrollTop = 0;
      setUnread(0);
    } else if (added > 0 && el.scrollTop > 0) {
      const row = /** @type {HTMLElement | null} */ (el.querySelector("li"));
      el.scrollTop += added * (row?.offsetHeight ?? 0);
      setUnread((n) => n + added);
    }
    first.current = items[0]?.seq ?? 0;
    query.current = q;
  }, [items, q]);

  const onScroll = () => {
    const top = (pane.current?.scrollTop ?? 0) < 8;
    mail.viewing(top);
    if (top) setUnread(0);
  };
  const toTop = () => pane.current?.scrollTo({ top: 0, behavior: "smooth" });

  return html`
    <section class="list" aria-label="Messages" ref=${pane} onScroll=${onScroll}>
      ${!route.value.id && html`<h1 class="hidden">Mail</h1>`}
      ${unread > 0 &&
      html`<button class="fresh" onClick=${toTop}><${icons.up} /> ${plural(unread, "new message", "new messages")}</button>`}
      <${Rows} items=${items} />
      <${End} pane=${pane} />
    </section>
  `;
}

/** @param {{items: Summary[]}} props */
function Rows({ items }) {
  const { id } = route.value;
  const cursor = mail.cursor.value;
  if (!items.length) return null;
  return html`
    <ul>
      ${items.map((m) => html`<${Row} key=${m.seq} m=${m} open=${m.id === id} at=${m.id === cursor} />`)}
    </ul>
  `;
}

/** @param {{m: Summary, open: boolean, at: boolean}} props */
function Row({ m, open, at }) {
  const from = names(m.from) || m.sender || "<>";
  const to = names(m.to) || m.recipients.join(", ");
  return html`
    <li>
      <a
        class=${`row${m.seen ? "" : " unseen"}${at ? " at" : ""}`}
        href=${href({ id: m.id, tab: "" })}
        aria-current=${open ? "true" : undefined}
        data-id=${m.id}
        onClick=${follow({ id: m.id, tab: "" })}
        onFocus=${() => (mail.cursor.value = m.id)}
      >
        <span class="from" dir="auto">${!m.seen && html`<span class="hidden">Unseen: </span>`}${from}</span>
        <time datetime=${m.received} title=${exactly(m.received)}>${when(m.received)}</time>
        <span class=${m.subject ? "subject" : "subject none"} dir="auto">${m.subject || "(no subject)"}</span>
        <span class="facts">
          ${m.attachmentCount > 0 &&
          html`<span class="clip" title=${plural(m.attachmentCount, "attachment", "attachments")}>
            <${icons.clip} /><span class="hidden">${plural(m.attachmentCount, "attachment", "attachments")}, </span>
          </span>`}${size(m.size)}
        </span>
        <span class="preview" dir="auto"><span class="to">to ${to}</span>${m.preview && html` <span aria-hidden="true">·</span> ${m.preview}`}</span>
      </a>
    </li>
  `;
}

/**
 * What stands below the rows: the reason why there are none, or the end.
 * @param {{pane: import("preact/hooks").Ref<HTMLElement | null>}} props
 */
function End({ pane }) {
  const mark = useRef(/** @type {HTMLElement | null} */ (null));
  const next = mail.next.value;
  useEffect(() => {
    if (!mark.current || !next) return undefined;
    const watch = new IntersectionObserver(([e]) => e.isIntersecting && mail.more(), {
      root: pane.current,
      rootMargin: "800px",
    });
    watch.observe(mark.current);
    return () => watch.disconnect();
  }, [next]);

  const { q } = route.value;
  const problem = mail.problem.value;
  const none = !mail.items.value.length;
  const { pruned } = mail.totals.value;
  let text = null;
  if (problem) text = q && none ? null : "The list cannot be loaded. It is tried again when the server answers.";
  else if (none && mail.loading.value) text = null;
  else if (none && q) text = "No message matches.";
  else if (mail.empty.value) return html`<${Empty} />`;
  else if (next) text = "Loading…";
  else if (pruned && !q) text = `${plural(pruned, "older message was", "older messages were")} removed by retention.`;
  return html`<div class="end" ref=${mark}>${text}</div>`;
}
