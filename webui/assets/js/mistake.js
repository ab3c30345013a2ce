// What is wrong with a query, in words.

import { t } from "./i18n.js";

/** @param {import("./query.js").Mistake} m */
export const why = ({ fault, what }) => t(/** @type {import("./i18n.js").Key} */ (`search.bad.${fault}`), { what });
