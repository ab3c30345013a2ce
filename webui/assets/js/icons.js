// Line drawings, 24 units square. They are decoration: what a button does is
// in its label.

import { html } from "./view.js";

/** @param {import("preact").Child} shapes */
const icon = (shapes) => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shapes}</svg>
`;

export const clip = () => icon(html`<path d="m20 11.5-8.6 8.2a5 5 0 0 1-7-7.1l8.9-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.7 8.4a1.7 1.7 0 0 1-2.4-2.4l7.6-7.4" />`);
export const search = () => icon(html`<circle cx="11" cy="11" r="6.5" /><path d="m16 16 4.5 4.5" />`);
export const bin = () => icon(html`<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10.2 10.500v6M13.8 10.500v6" />`);
export const download = () => icon(html`<path d="M12 4v11M7.5 10.8 12 15.300l4.5-4.500M5 19.500h14" />`);
export const back = () => icon(html`<path d="M14.5 5.5 8 12l6.5 6.5" />`);
export const copy = () => icon(html`<rect x="8.5" y="8.5" width="11" height="11" rx="2" /><path d="M15.5 8.500V6a1.5 1.5 0 0 0-1.5-1.500H6A1.5 1.5 0 0 0 4.5 6v8A1.5 1.5 0 0 0 6 15.500h2.5" />`);
export const unread = () => icon(html`<rect x="3.5" y="6" width="17" height="12.5" rx="2" /><path d="m4.5 8 7.5 5.500L19.5 8" />`);
export const up = () => icon(html`<path d="M12 19.500V5M6.5 10.5 12 5l5.5 5.5" />`);
export const close = () => icon(html`<path d="m6.500 6.500 11 11M17.500 6.500l-11 11" />`);
