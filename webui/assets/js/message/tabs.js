// The ways to look at a message.

import { useLayoutEffect } from "preact/hooks";
import { t } from "../i18n.js";
import { go, route } from "../route.js";
import { html } from "../view.js";
import { Delivery } from "./delivery.js";
import { HTML } from "./frame.js";
import { Headers } from "./headers.js";
import { Links } from "./links.js";
import { Parts } from "./parts.js";
import { Source } from "./source.js";
import { Text } from "./text.js";

/** @typedef {import("../api.js").Message} Message */

export const tabs = /** @type {const} */ ([
  { tab: "html", title: "message.tab.html", view: HTML },
  { tab: "text", title: "message.tab.text", view: Text },
  { tab: "links", title: "message.tab.links", view: Links },
  { tab: "parts", title: "message.tab.parts", view: Parts },
  { tab: "headers", title: "message.tab.headers", view: Headers },
  { tab: "source", title: "message.tab.source", view: Source },
  { tab: "delivery", title: "message.tab.delivery", view: Delivery },
]);

/** @param {Message} m */
export const possible = (m) => tabs.filter((each) => each.tab !== "html" || m.html);

/**
 * Shows a message in one of its ways. The usual one is not in the address.
 * @param {Message} m
 * @param {string} tab
 */
export function show(m, tab) {
  go({ tab: tab === possible(m)[0].tab ? "" : tab });
}

/** @param {{m: Message, pane: {current: HTMLElement | null}}} props pane: what scrolls */
export function Tabs({ m, pane }) {
  const all = possible(m);
  const at = all.find((each) => each.tab === route.value.tab) ?? all[0];

  // From far down in one view the next one is shown from its beginning.
  useLayoutEffect(() => {
    const bar = document.getElementById("message-tabs");
    if (bar && pane.current) pane.current.scrollTop = Math.min(pane.current.scrollTop, bar.offsetTop);
  }, [at.tab]);

  // Arrow keys walk through tabs (WAI-ARIA, tabs pattern).
  const onKeyDown = (/** @type {KeyboardEvent} */ e) => {
    const i = all.indexOf(at);
    const to = { ArrowRight: (i + 1) % all.length, ArrowLeft: (i - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[e.key];
    if (to === undefined || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    e.stopPropagation();
    show(m, all[to].tab);
    document.getElementById(`tab-${all[to].tab}`)?.focus({ preventScroll: true });
  };

  return html`
    <div class="tabs" id="message-tabs" role="tablist" aria-label=${t("message.views")} onKeyDown=${onKeyDown}>
      ${all.map(
        (each) => html`
          <button
            key=${each.tab}
            type="button"
            role="tab"
            id=${`tab-${each.tab}`}
            aria-selected=${each === at ? "true" : "false"}
            aria-controls="view"
            tabindex=${each === at ? 0 : -1}
            onClick=${() => show(m, each.tab)}
          >${t(each.title)}</button>
        `,
      )}
    </div>
    <div class="view" data-view=${at.tab} id="view" role="tabpanel" aria-labelledby=${`tab-${at.tab}`} key=${`${m.id} ${at.tab}`}>
      <${at.view} m=${m} />
    </div>
  `;
}
