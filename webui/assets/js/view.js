// The one place where the view libraries meet.

import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);
