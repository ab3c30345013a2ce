// What a message invites to, at a glance: what, when and where.

import { t } from "../i18n.js";
import { follow, href } from "../route.js";
import { html } from "../view.js";
import { readCalendar } from "./calendar.js";
import { isCancelled, kindOfEvent, timeOf } from "./event.js";
import { kindOf, useText } from "./preview.js";

/** @typedef {import("../api.js").Part} Part */

/**
 * The first calendar of a message: a part beside its text, or a file.
 * @param {{parts: Part[]}} m
 * @returns {Part | undefined}
 */
export function calendarOf({ parts }) {
  for (const part of parts) {
    const found = kindOf(part) === "calendar" ? part : calendarOf(part);
    if (found) return found;
  }
  return undefined;
}

/** @param {{id: string, part: Part}} props */
export function Invitation({ id, part }) {
  const { text, problem } = useText(id, part.path);
  const { method, events } = readCalendar(text ?? "");
  const [e] = events;
  if (problem || (text !== null && !e)) return null;
  const to = { tab: "parts" };
  // Its room is kept until it is read, so that nothing moves.
  return html`
    <dt>${e ? kindOfEvent(method, e) : t("message.event")}</dt>
    <dd class=${e && isCancelled(method, e) ? "invitation cancelled" : "invitation"} aria-busy=${e ? undefined : "true"}>
      ${e &&
      html`
        <b dir="auto">${e.summary || "—"}</b>
        <span>${timeOf(e)}</span>
        ${e.location && html`<span class="quiet" dir="auto">${e.location}</span>`}
        ${events.length > 1 && html`<span class="quiet">${t("message.event.more", { n: events.length - 1 })}</span>`}
        <a class="link" href=${href(to)} onClick=${follow(to)}>${t("message.event.details")}</a>
      `}
    </dd>
  `;
}
