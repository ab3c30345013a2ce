// Line drawings for a message, like those of ../icons.js.

import { icon } from "../icons.js";
import { html } from "../view.js";

export const phone = () => icon(html`<rect x="7.5" y="3.5" width="9" height="17" rx="2" /><path d="M11 17.800h2" />`);
export const tablet = () => icon(html`<rect x="5" y="3.500" width="14" height="17" rx="2" /><path d="M11 17.800h2" />`);
export const desktop = () => icon(html`<rect x="3" y="4.500" width="18" height="12" rx="2" /><path d="M8.500 20h7M12 16.500V20" />`);
export const fit = () => icon(html`<path d="M3.500 6v12M20.500 6v12M7 12h10M9.500 9 6.800 12l2.700 3M14.500 9l2.700 3-2.700 3" />`);
export const sun = () => icon(html`<circle cx="12" cy="12" r="3.800" /><path d="M12 3v2.200M12 18.800V21M3 12h2.200M18.800 12H21M5.600 5.600l1.600 1.600M16.800 16.800l1.600 1.600M18.400 5.600l-1.600 1.600M7.200 16.800l-1.600 1.600" />`);
export const moon = () => icon(html`<path d="M19.500 14.300A8 8 0 0 1 9.700 4.500a8 8 0 1 0 9.800 9.800z" />`);
export const turned = () => icon(html`<circle cx="12" cy="12" r="8" /><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" />`);
export const hidden = () => icon(html`<path d="M4 4.500l16 15M9.800 6.300A9.800 9.800 0 0 1 12 6c4.500 0 7.500 3.500 8.800 6a13 13 0 0 1-2.600 3.400M6.600 8A13.500 13.500 0 0 0 3.200 12c1.300 2.500 4.300 6 8.800 6a9 9 0 0 0 4-.900M10 10.200a2.700 2.700 0 0 0 3.800 3.800" />`);
export const out = () => icon(html`<path d="M13.500 4.500h6v6M19.500 4.500l-8.500 8.500M17.500 13.500v4a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2h4" />`);
export const again = () => icon(html`<path d="M4.500 12a7.500 7.500 0 1 1 2.200 5.300M4.500 19v-4.500H9" />`);
export const calendar = () => icon(html`<rect x="4" y="5.500" width="16" height="14.500" rx="2" /><path d="M4 10h16M8.500 3.500v4M15.500 3.500v4" />`);
export const file = () => icon(html`<path d="M6 3.500h8l4.500 4.500v12.500H6zM14 3.500V8h4.500" />`);
