// SMTP and POP3 sessions: a live list, failures first, and one of them in full.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as api from "./api.js";
import { fired } from "./faults/say.js";
import { count, exactly, when } from "./format.js";
import { locale, t } from "./i18n.js";
import * as icons from "./icons.js";
import * as live from "./live.js";
import { Transcript } from "./message/transcript.js";
import { follow, go, href, route } from "./route.js";
import { setting } from "./settings.js";
import { words } from "./sessions/words.js";
import { html } from "./view.js";

/**
 * @typedef {import("./api.js").SessionSummary} SessionSummary
 * @typedef {import("./api.js").SessionDetail} SessionDetail
 */

const pageSize = 200;
const rowHeight = 64; // pixels, as in sessions.css
const spare = 8; // rows above and below what is seen
const firstFailures = 3; // that stand above the others
const inSight = 8; // rows at the top: a failure among them need not stand above

const protocol = setting("sessions-protocol", /** @type {"" | "smtp" | "pop3"} */ (""), (v) => ["", "smtp", "pop3"].includes(v));

export function Sessions() {
  const { session, failed } = route.value;
  return html`
    <div class=${session ? "sessions reading" : "sessions"}>
      <${List} key=${`${failed} ${protocol.value}`} failed=${failed} protocol=${protocol.value} open=${session} />
      <div class="session-pane" role="region" aria-label=${t("sessions.pane")} tabindex="0">${session ? html`<${Detail} key=${session} id=${session} />` : html`<p class="session-none quiet">${t("sessions.choose")}</p>`}</div>
    </div>
  `;
}

/**
 * The sessions that are loaded, newest first, and those to come.
 * @param {{failed: boolean, protocol: string}} of
 */
function useSessions({ failed, protocol: only }) {
  const [all, setAll] = useState(/** @type {SessionSummary[]} */ ([]));
  const [failures, setFailures] = useState(/** @type {SessionSummary[]} */ ([]));
  const [next, setNext] = useState("");
  const [state, setState] = useState(/** @type {"loading" | "there" | "failed"} */ ("loading"));
  const current = useRef(new AbortController());
  const busy = useRef(false);

  const load = async () => {
    current.current.abort();
    const mine = (current.current = new AbortController());
    busy.current = true;
    try {
      const of = { protocol: only, before: "", limit: pageSize };
      const [page, bad] = await Promise.all([
        api.sessions({ ...of, failed }, mine.signal),
        failed ? { sessions: [] } : api.sessions({ ...of, failed: true, limit: inSight + firstFailures + 1 }, mine.signal),
      ]);
      setAll(page.sessions);
      setFailures(bad.sessions);
      setNext(page.next);
      setState("there");
    } catch {
      if (!mine.signal.aborted) setState("failed");
    } finally {
      if (current.current === mine) busy.current = false;
    }
  };
  const more = async () => {
    if (busy.current || !next) return;
    busy.current = true;
    const mine = current.current;
    try {
      const page = await api.sessions({ protocol: only, failed, before: next, limit: pageSize }, mine.signal);
      setAll((before) => [...before, ...page.sessions]);
      setNext(page.next);
    } catch {
      // The next scroll tries again.
    } finally {
      if (current.current === mine) busy.current = false;
    }
  };
  useEffect(() => {
    load();
    const ends = [
      live.on("session", (/** @type {SessionSummary} */ s) => {
        if ((only && s.protocol !== only) || (failed && !s.failed)) return;
        const put = (/** @type {SessionSummary[]} */ before) => (before.some((each) => each.id === s.id) ? before : [s, ...before]);
        setAll(put);
        if (s.failed && !failed) setFailures((before) => put(before).slice(0, inSight + firstFailures + 1));
      }),
      live.on("resync", load),
    ];
    return () => {
      current.current.abort();
      for (const end of ends) end();
    };
  }, []);
  return { all, failures, state, more, load };
}

/** @param {{failed: boolean, protocol: string, open: string}} props */
function List({ failed, protocol: only, open }) {
  const { all, failures, state, more, load } = useSessions({ failed, protocol: only });
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const rows = useRef(/** @type {HTMLElement | null} */ (null));
  const [seen, setSeen] = useState({ from: 0, to: 30 });
  const measure = () => {
    const el = box.current;
    if (!el || !rows.current) return;
    const top = el.scrollTop - rows.current.offsetTop;
    const from = Math.max(Math.floor(top / rowHeight) - spare, 0);
    const to = Math.ceil((top + el.clientHeight) / rowHeight) + spare;
    setSeen((before) => (before.from === from && before.to === to ? before : { from, to }));
    if (to >= all.length - pageSize / 4) more();
  };
  useEffect(measure, [all.length]);
  // What is being read stays where it is when something comes on top.
  const before = useRef({ first: "", top: 0 });
  useLayoutEffect(() => {
    const [el, top] = [box.current, rows.current?.offsetTop ?? 0];
    const added = all.findIndex((s) => s.id === before.current.first);
    if (el && added >= 0 && el.scrollTop > rowHeight) el.scrollTop += added * rowHeight + top - before.current.top;
    before.current = { first: all[0]?.id ?? "", top };
  }, [all, failures]);
  useEffect(() => {
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  });

  const keys = (/** @type {KeyboardEvent} */ e) => {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[e.key];
    if (!step || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    const at = all.findIndex((s) => s.id === (document.activeElement?.closest("[data-session]")?.getAttribute("data-session") || open));
    const to = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    if (!to) return;
    const y = all.indexOf(to) * rowHeight + (rows.current?.offsetTop ?? 0);
    const el = /** @type {HTMLElement} */ (box.current);
    if (y < el.scrollTop) el.scrollTop = y;
    else if (y + rowHeight > el.scrollTop + el.clientHeight) el.scrollTop = y + rowHeight - el.clientHeight;
    measure();
    if (open) go({ session: to.id }, { replace: true });
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (rows.current?.querySelector(`[data-session="${CSS.escape(to.id)}"]`))?.focus());
  };

  const newest = new Set(all.slice(0, inSight).map((s) => s.id));
  const older = failures.filter((s) => !newest.has(s.id));
  const first = older.slice(0, firstFailures);
  return html`
    <section class="session-list" ref=${box} onScroll=${measure} aria-label=${t("sessions.title")}>
      <header class="session-head">
        <h1>${t("sessions.title")}</h1>
        <div class="session-filters">
          <fieldset class="segmented">
            <legend class="hidden">${t("sessions.which")}</legend>
            <label><input type="radio" name="failed" checked=${!failed} onChange=${() => go({ failed: false })} />${t("sessions.all")}</label>
            <label><input type="radio" name="failed" checked=${failed} onChange=${() => go({ failed: true })} />${t("sessions.failed")}</label>
          </fieldset>
          <fieldset class="segmented">
            <legend class="hidden">${t("sessions.protocol")}</legend>
            ${/** @type {const} */ (["", "smtp", "pop3"]).map((p) => html`<label key=${p}><input type="radio" name="protocol" checked=${only === p} onChange=${() => (protocol.value = p)} />${p ? p.toUpperCase() : t("sessions.both")}</label>`)}
          </fieldset>
        </div>
      </header>
      ${first.length > 0 &&
      html`
        <section class="session-first" aria-labelledby="session-first">
          <h2 id="session-first">${t("sessions.first")}</h2>
          <ul>${first.map((s) => html`<${Row} key=${s.id} session=${s} open=${open === s.id} />`)}</ul>
          ${older.length > firstFailures && html`<a href=${href({ failed: true })} onClick=${follow({ failed: true })}>${t("sessions.everyFailed")}</a>`}
        </section>
        <h2 class="session-rest">${t("sessions.newest")}</h2>
      `}
      <ul class="session-rows" ref=${rows} style=${{ height: `${all.length * rowHeight}px` }} onKeyDown=${keys} data-rows=${all.length}>
        ${all.slice(seen.from, seen.to).map((s, i) => html`<${Row} key=${s.id} session=${s} open=${open === s.id} top=${(seen.from + i) * rowHeight} at=${seen.from + i + 1} of=${all.length} />`)}
      </ul>
      ${state === "there" && all.length === 0 && html`<p class="session-none quiet">${failed ? t("sessions.none.failed") : t("sessions.none")}</p>`}
      ${state === "failed" && html`<p class="session-none" role="alert">${t("sessions.unread")} <button type="button" class="link" onClick=${load}>${t("sessions.again")}</button></p>`}
    </section>
  `;
}

/** @param {{session: SessionSummary, open: boolean, top?: number, at?: number, of?: number}} props */
function Row({ session: s, open, top, at, of }) {
  return html`
    <li style=${top === undefined ? undefined : { top: `${top}px` }} aria-posinset=${at} aria-setsize=${of}>
      <a class=${`session-row${s.failed ? " bad" : ""}`} data-session=${s.id} href=${href({ session: s.id })} onClick=${follow({ session: s.id })} aria-current=${open ? "true" : undefined}>
        <span class="session-mark" aria-hidden="true">${s.failed ? html`<${icons.alert} />` : html`<${icons.check} />`}</span>
        <span class="session-says">${s.failed && html`<span class="hidden">${t("sessions.failed")}: </span>`}${words(s)}</span>
        <time dateTime=${s.ended} title=${exactly(s.ended)}>${when(s.ended)}</time>
        <span class="session-who quiet"><b>${s.protocol.toUpperCase()}</b> <bdi>${s.user || s.helo || s.remote}</bdi>${s.tls && html` <span>${s.tls}</span>`}${s.faults?.length > 0 && html` <span class="badge warn">${t("sessions.onPurpose")}</span>`}</span>
        <span class="session-took quiet">${took(s)}</span>
      </a>
    </li>
  `;
}

/** How long it took: "12 ms", "3.2 s", "4 min". @param {SessionSummary} s */
function took(s) {
  const ms = Math.max(Date.parse(s.ended) - Date.parse(s.started), 0);
  const [n, unit] = ms < 1000 ? [ms, "millisecond"] : ms < 60_000 ? [ms / 1000, "second"] : [ms / 60_000, "minute"];
  return new Intl.NumberFormat(locale.value, { style: "unit", unit, unitDisplay: "short", maximumSignificantDigits: n < 100 ? 2 : 3 }).format(n);
}

/** @param {{id: string}} props */
function Detail({ id }) {
  const [s, setSession] = useState(/** @type {SessionDetail | null} */ (null));
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    api.sessionRecord(id, stop.signal).then(
      (record) => setSession(/** @type {SessionDetail} */ (record)),
      (e) => stop.signal.aborted || setProblem(e instanceof api.Problem && e.status === 404 ? t("sessions.gone") : t("sessions.unread")),
    );
    return () => stop.abort();
  }, []);
  const back = { session: "" };
  return html`
    <article class="session" aria-label=${t("sessions.one")}>
      <a class="button session-back" href=${href(back)} onClick=${follow(back)}><${icons.back} /> ${t("sessions.title")}</a>
      ${problem && html`<p class="session-none" role="alert">${problem}</p>`} ${s && html`<${Facts} session=${s} />`}
    </article>
  `;
}

/** @param {{session: SessionDetail}} props */
function Facts({ session: s }) {
  const fact = (/** @type {string} */ name, /** @type {unknown} */ value) => value && html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`;
  return html`
    <header>
      <h1>${words(s)}</h1>
      <p><span class=${s.failed ? "badge bad" : "badge good"}>${s.failed ? t("sessions.failed") : t("sessions.well")}</span> ${s.faults?.length > 0 && html`<span class="badge warn">${t("sessions.onPurpose")}</span>`}</p>
    </header>
    <dl class="session-facts">
      ${fact(t("sessions.protocol"), s.protocol.toUpperCase())} ${fact(t("sessions.client"), s.remote)} ${fact("EHLO", s.helo)} ${fact(t("sessions.user"), s.user)}
      ${fact("TLS", s.tls || t("sessions.plain"))} ${fact(t("sessions.began"), exactly(s.started))} ${fact(t("sessions.took"), took(s))}
      ${fact(t("sessions.messages"), count(s.messages.length))} ${s.faults?.length > 0 && fact(t("sessions.faults"), html`<${Faults} all=${s.faults} />`)}
    </dl>
    ${s.messages.length > 0 && html`<${Messages} ids=${s.messages} protocol=${s.protocol} />`}
    ${s.attempts?.length > 0 && html`<${Attempts} all=${s.attempts} />`}
    <section>
      <h2>${t("message.transcript")}</h2>
      <${Transcript} lines=${s.transcript} truncated=${s.truncated} />
    </section>
  `;
}

/** What was broken on purpose, and where that is said. @param {{all: string[]}} props */
function Faults({ all }) {
  const to = { view: /** @type {const} */ ("faults") };
  return html`
    ${all.map((text) => html`<span class="session-fault">${fired(text)}</span>`)}
    ${all.some((text) => text.startsWith("rule ")) && html`<a href=${href(to)} onClick=${follow(to)}>${t("sessions.rules")}</a>`}
  `;
}

const namedMessages = 20; // whose subjects are asked for

/** @param {{ids: string[], protocol: string}} props */
function Messages({ ids, protocol: p }) {
  const [known, setKnown] = useState(/** @type {Map<string, string | null>} */ (new Map()));
  useEffect(() => {
    const stop = new AbortController();
    for (const id of ids.slice(0, namedMessages)) {
      api.list({ q: `id:${id}`, limit: 1 }, stop.signal).then(
        ({ messages }) => setKnown((before) => new Map(before).set(id, messages[0] ? messages[0].subject : null)),
        () => {}, // its id has to do
      );
    }
    return () => stop.abort();
  }, []);
  return html`
    <section>
      <h2>${p === "pop3" ? t("sessions.fetched") : t("sessions.brought")}</h2>
      <ul class="session-messages">
        ${ids.map((id) => {
          const subject = known.get(id);
          if (subject === null) return html`<li key=${id} class="quiet">${t("sessions.deleted")} <code>${id}</code></li>`;
          const to = { view: /** @type {const} */ ("mail"), box: "", unseen: false, q: "", id, tab: "" };
          return html`<li key=${id}><a href=${href(to)} onClick=${follow(to)} dir="auto">${subject === undefined ? id : subject || t("shell.noSubject")}</a></li>`;
        })}
      </ul>
    </section>
  `;
}

/** What did not arrive. @param {{all: import("./api.js").Attempt[]}} props */
function Attempts({ all }) {
  return html`
    <section>
      <h2>${t("sessions.attempts")}</h2>
      <ul class="session-attempts">
        ${all.map(
          (a) => html`
            <li>
              <p><bdi>${a.from || "<>"}</bdi> → <bdi>${[...a.recipients, ...a.refused].join(", ")}</bdi></p>
              <p class="quiet">${words({ protocol: "smtp", outcome: a.outcome })}</p>
            </li>
          `,
        )}
      </ul>
    </section>
  `;
}
