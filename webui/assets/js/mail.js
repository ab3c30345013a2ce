// The list of messages that is asked for: what is here of it, and what happens
// to it.

import { json } from "./mail/here.js";
import { load } from "./mail/load.js";
import "./mail/events.js";

export { anticipate, cursor, empty, filter, find, get, loaded, loading, matching, mistake, open, position, problem, pruned, row, shown, totals, upTo, version } from "./mail/here.js";
export { conceal, concealAll, gone, reveal, stillConcealed } from "./mail/conceal.js";
export { load as refresh } from "./mail/load.js";
export { between, bring, look } from "./mail/look.js";

// The list follows the address.
json.subscribe(() => void load());
