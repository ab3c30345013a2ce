// The search box.

import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./api.js";
import * as icons from "./icons.js";
import * as mail from "./mail.js";
import { go, route } from "./route.js";
import { html } from "./view.js";

const settle = 250; // ms after the last key before it is searched

export function Search() {
  const { q } = route.value;
  const [text, setText] = useState(q);
  const timer = useRef(0);
  useEffect(() => setText(q), [q]);

  const search = (/** @type {string} */ to, /** @type {boolean} */ replace) => {
    clearTimeout(timer.current);
    if (to.trim() !== q) go({ q: to.trim() }, { replace });
  };
  const onInput = (/** @type {InputEvent} */ e) => {
    const to = /** @type {HTMLInputElement} */ (e.target).value;
    setText(to);
    clearTimeout(timer.current);
    // While one types, the address follows without a step for each pause.
    timer.current = setTimeout(() => search(to, q !== "" && to !== ""), settle);
  };
  const onSubmit = (/** @type {Event} */ e) => {
    e.preventDefault();
    search(text, false);
  };

  const problem = mail.problem.value;
  const malformed = problem instanceof Problem && q ? problem : null;
  return html`
    <form class="search" role="search" onSubmit=${onSubmit}>
      <${icons.search} />
      <input
        id="q"
        type="search"
        placeholder="Search"
        aria-label="Search mail"
        aria-keyshortcuts="/"
        aria-invalid=${malformed ? "true" : undefined}
        aria-describedby=${malformed ? "q-error" : undefined}
        autocomplete="off"
        spellcheck=${false}
        value=${text}
        onInput=${onInput}
      />
      ${malformed && html`<${Malformed} problem=${malformed} />`}
    </form>
  `;
}

/**
 * Points at the place in the query.
 * @param {{problem: Problem}} props
 */
function Malformed({ problem }) {
  const [error] = problem.errors;
  const place = /^query\.q\[(\d+)\]$/.exec(error?.location ?? "");
  if (!place || typeof error.value !== "string") return html`<p class="malformed" id="q-error" role="alert">${problem.message}</p>`;
  // The place is counted in octets of UTF-8.
  const octets = new TextEncoder().encode(error.value);
  const decode = (/** @type {Uint8Array} */ part) => new TextDecoder().decode(part);
  const at = Number(place[1]);
  return html`
    <p class="malformed" id="q-error" role="alert">
      ${error.message}
      <code>${decode(octets.subarray(0, at))}<mark>${decode(octets.subarray(at)) || "\u00a0"}</mark></code>
    </p>
  `;
}
