// An event that a message invites to.

import { locale, t } from "../i18n.js";
import { html } from "../view.js";
import { readCalendar, whenOf } from "./calendar.js";
import { calendar } from "./icons.js";
import { Marked } from "./marked.js";

const shownEvents = 3;
const shownPeople = 12;

/** @param {{text: string}} props the calendar object */
export function Events({ text }) {
  const { method, events } = readCalendar(text);
  if (!events.length) return html`<pre class="peek">${text}</pre>`;
  return html`
    <div class="events">
      ${events.slice(0, shownEvents).map((e, i) => html`<${Event} key=${i} e=${e} method=${method} />`)}
      ${events.length > shownEvents && html`<p class="quiet">${t("message.event.more", { n: events.length - shownEvents })}</p>`}
    </div>
  `;
}

/** @param {{e: import("./calendar.js").CalendarEvent, method: string}} props */
function Event({ e, method }) {
  const cancelled = isCancelled(method, e);
  const when = timeOf(e);
  const more = e.attendees.length - shownPeople;
  return html`
    <section class=${cancelled ? "event cancelled" : "event"} aria-label=${t("message.event")}>
      <p class="kind"><${calendar} />${kindOfEvent(method, e)}</p>
      <h3 dir="auto">${e.summary || "—"}</h3>
      <dl class="facts">
        ${when && html`<dt>${t("message.event.when")}</dt><dd class="when">${when}</dd>`}
        ${e.rule && html`<dt>${t("message.event.repeats")}</dt><dd><code>${e.rule}</code></dd>`}
        ${e.location && html`<dt>${t("message.event.where")}</dt><dd dir="auto"><${Marked} text=${e.location} /></dd>`}
        ${e.organizer && html`<dt>${t("message.event.organizer")}</dt><dd><${Person} p=${e.organizer} /></dd>`}
        ${e.attendees.length > 0 &&
        html`
          <dt>${t("message.event.attendees")}</dt>
          <dd>
            <ul>
              ${e.attendees.slice(0, shownPeople).map((p, i) => html`<li key=${i}><${Person} p=${p} /></li>`)}
              ${more > 0 && html`<li class="quiet">${t("message.and.more", { n: more })}</li>`}
            </ul>
          </dd>
        `}
      </dl>
      ${e.description && html`<p class="description" dir="auto"><${Marked} text=${e.description} /></p>`}
    </section>
  `;
}

/**
 * @param {string} method
 * @param {import("./calendar.js").CalendarEvent} e
 */
export const isCancelled = (method, e) => method === "CANCEL" || e.status === "CANCELLED";

/**
 * What the calendar object wants of its reader.
 * @param {string} method
 * @param {import("./calendar.js").CalendarEvent} e
 */
export function kindOfEvent(method, e) {
  if (isCancelled(method, e)) return t("message.event.cancel");
  return method === "REQUEST" ? t("message.event.request") : method === "REPLY" ? t("message.event.reply") : t("message.event");
}

/** @param {import("./calendar.js").CalendarEvent} e */
export const timeOf = (e) => whenOf(e, locale.value) + (e.start?.date ? ` · ${t("message.event.allday")}` : "");

const answers = /** @type {const} */ ({
  accepted: "message.event.accepted",
  declined: "message.event.declined",
  tentative: "message.event.tentative",
  delegated: "message.event.delegated",
  "needs-action": "message.event.needs-action",
});

/** @param {{p: import("./calendar.js").Person}} props */
function Person({ p }) {
  const answer = answers[/** @type {keyof typeof answers} */ (p.answer)];
  return html`<span dir="auto">${p.name && html`<b>${p.name}</b> `}<span class=${p.name ? "quiet" : ""}>${p.address}</span>${answer && html` <span class="badge">${t(answer)}</span>`}</span>`;
}
