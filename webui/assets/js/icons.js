// Line drawings, 24 units square. They are decoration: what a button does is
// in its label.

import { html } from "./view.js";

/** @param {import("preact").Child} shapes */
export const icon = (shapes) => html`
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
export const check = () => icon(html`<path d="m5 12.500 4.500 4.500L19 7.500" />`);
export const dots = () => icon(html`<path d="M6 12h.01M12 12h.01M18 12h.01" stroke-width="2.600" />`);
export const menu = () => icon(html`<path d="M4.500 7h15M4.500 12h15M4.500 17h15" />`);
export const tray = () => icon(html`<path d="M4 13.500 6.500 6h11l2.500 7.500V18a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-4.500h4.500a3.500 3.500 0 0 0 7 0H20" />`);
export const alert = () => icon(html`<circle cx="12" cy="12" r="8" /><path d="M12 8v4.500M12 15.800v.01" />`);
export const plug = () => icon(html`<path d="M9 4v4.500M15 4v4.500M6.500 8.500h11V11a5.500 5.500 0 0 1-11 0V8.500ZM12 16.500V20" />`);
export const bolt = () => icon(html`<path d="M13 3.500 5.500 13.500H12l-1 7 7.500-10H12l1-7Z" />`);
export const wrench = () => icon(html`<path d="M14.500 9.500 5 19M20 8.500a5 5 0 0 1-6.700 4.700l-1.900-1.900A5 5 0 0 1 16 4.500l-2.500 2.500.5 3 3 .5L19.500 8" />`);
export const clock = () => icon(html`<circle cx="12" cy="12" r="7.500" /><path d="M12 8v4.200l2.800 1.800" />`);
export const gear = () => icon(html`<path d="M5 7h8M17 7h2M5 12h2M11 12h8M5 17h6M15 17h4" /><circle cx="15" cy="7" r="2" /><circle cx="9" cy="12" r="2" /><circle cx="13" cy="17" r="2" />`);
export const write = () => icon(html`<path d="M12.500 6H6a1.500 1.500 0 0 0-1.500 1.500V18A1.500 1.500 0 0 0 6 19.500h10.500A1.500 1.500 0 0 0 18 18v-6M19.500 4.500 11 13l-.5 2.500L13 15l8.500-8.500a1.400 1.400 0 0 0-2-2Z" />`);
export const upload = () => icon(html`<path d="M12 15V4.500M7.500 9 12 4.500 16.500 9M5 15.500V18a1.500 1.500 0 0 0 1.500 1.500h11A1.500 1.500 0 0 0 19 18v-2.500" />`);
export const bookmark = () => icon(html`<path d="M7 4h10v16l-5-4.200L7 20z" />`);
export const seen = () => icon(html`<path d="m3.500 10.500 8.500-6 8.500 6v8a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1zm0 0 8.500 5.500 8.500-5.500" />`);
export const warning = () => icon(html`<path d="M12 4.500 21 19.500H3zM12 10v4.500M12 16.800v.2" />`);
export const tag = () => icon(html`<path d="M4 4.500h7.500l8.200 8.200a1.500 1.500 0 0 1 0 2.100l-5.400 5.400a1.500 1.500 0 0 1-2.100 0L4 12z" /><circle cx="8.200" cy="8.700" r="1" />`);
