// A long list of which little is here: segments of it, with or without rows.
// Positions count from the newest message, which is 0.

/** @typedef {import("./api.js").Summary} Summary */

/**
 * Messages with seqs above lo, up to hi.
 * @typedef {object} Segment
 * @property {number} hi  Infinity for the newest
 * @property {number} lo
 * @property {number} count  of messages; what is known of it when there are no rows
 * @property {Summary[] | null} rows  newest first; null when they are not here
 * @property {boolean} stale  the rows have to be read again
 */

/**
 * @param {number} hi
 * @param {number} lo
 * @param {number} count
 * @param {Summary[] | null} rows
 * @returns {Segment}
 */
export const segment = (hi, lo, count, rows = null) => ({ hi, lo, count, rows, stale: false });

export class Segments {
  /** @param {Segment[]} list newest first, each goes on where the one before ends */
  constructor(list = []) {
    this.list = list;
    /** @type {number[] | null} */
    this.starts = null;
  }

  /** Counts have changed. */
  changed() {
    this.starts = null;
  }

  /** Position of the first message of each segment, and of the end. */
  places() {
    if (!this.starts) {
      let at = 0;
      this.starts = [0];
      for (const s of this.list) this.starts.push((at += s.count));
    }
    return this.starts;
  }

  get total() {
    return this.places()[this.list.length];
  }

  /**
   * The segment that has a position.
   * @param {number} position
   */
  indexAt(position) {
    const starts = this.places();
    return search(this.list.length, (i) => starts[i + 1] > position);
  }

  /**
   * The segment that has a seq, or would have it.
   * @param {number} seq
   */
  indexFor(seq) {
    return search(this.list.length, (i) => this.list[i].lo < seq);
  }

  /**
   * The message at a position; undefined when it is not here.
   * @param {number} position
   */
  row(position) {
    const i = this.indexAt(position);
    return position < 0 ? undefined : this.list[i]?.rows?.[position - this.places()[i]];
  }

  /**
   * Where a seq stands or would stand; without its segment's rows, about where.
   * @param {number} seq
   */
  position(seq) {
    const i = this.indexFor(seq);
    const s = this.list[i];
    if (!s) return this.total;
    if (s.rows) return this.places()[i] + place(s.rows, seq);
    const hi = s.hi === Infinity ? seq : s.hi;
    return this.places()[i] + Math.floor(((hi - seq) / Math.max(hi - s.lo, 1)) * s.count);
  }

  /**
   * The message of a seq; undefined when it is not here.
   * @param {number} seq
   */
  get(seq) {
    const rows = this.list[this.indexFor(seq)]?.rows;
    const m = rows?.[place(rows, seq)];
    return m?.seq === seq ? m : undefined;
  }

  /**
   * Puts a message in that was not counted. The newest segment does not grow
   * above size.
   * @param {Summary} m
   * @param {number} size
   */
  insert(m, size) {
    let s = this.list[this.indexFor(m.seq)];
    if (!s) this.list.push((s = segment(Infinity, 0, 0, [])));
    const at = s.rows ? place(s.rows, m.seq) : 0;
    if (s.rows?.[at]?.seq === m.seq) return;
    if (s.rows && s.hi === Infinity && at === 0 && s.count >= size) {
      s.hi = s.rows[0].seq;
      s = segment(Infinity, s.hi, 0, []);
      this.list.unshift(s);
    }
    s.rows &&= s.rows.toSpliced(at, 0, m);
    s.count++;
    this.changed();
  }

  /**
   * Takes a message out.
   * @param {number} seq
   * @param {boolean} counted  it is in the list even if its rows are not here
   * @returns {Summary | boolean}  it; whether its segment counted it
   */
  take(seq, counted) {
    const s = this.list[this.indexFor(seq)];
    if (!s) return false;
    if (!s.rows) {
      if (!counted || !s.count) return false;
      s.count--;
      this.changed();
      return true;
    }
    const at = place(s.rows, seq);
    const m = s.rows[at];
    if (m?.seq !== seq) return false;
    s.rows = s.rows.filter((other) => other !== m);
    s.count--;
    this.changed();
    return m;
  }

  /**
   * Replaces what is known of a message.
   * @param {number} seq
   * @param {Partial<Summary>} change
   */
  note(seq, change) {
    const s = this.list[this.indexFor(seq)];
    const at = s?.rows ? place(s.rows, seq) : 0;
    const m = s?.rows?.[at];
    if (!s?.rows || m?.seq !== seq) return undefined;
    s.rows = s.rows.with(at, { ...m, ...change });
    return s.rows[at];
  }

  /**
   * The rows between two seqs that are here, newest first.
   * @param {number} hi
   * @param {number} lo
   */
  between(hi, lo) {
    const found = [];
    for (let i = hi === Infinity ? 0 : this.indexFor(hi); i < this.list.length && this.list[i].hi > lo; i++) {
      for (const m of this.list[i].rows ?? []) if (m.seq <= hi && m.seq > lo) found.push(m);
    }
    return found;
  }

  /**
   * Lets go of all rows but those of the segments nearest to a position.
   * @param {number} position
   * @param {number} keep segments
   */
  trim(position, keep) {
    const here = this.list.filter((s) => s.rows);
    if (here.length <= keep) return;
    const at = this.indexAt(position);
    const far = (/** @type {Segment} */ s) => Math.abs(this.list.indexOf(s) - at);
    here.sort((a, b) => far(a) - far(b));
    for (const s of here.slice(keep)) s.rows = null;
  }
}

/**
 * The segments of a list whose pages are known, with those rows that are here.
 * @param {import("./api.js").Pages} pages
 * @param {Segments} before
 * @param {number[]} hidden seqs that are counted, but not to be shown
 */
export function paged({ pages, size, total }, before, hidden) {
  const list = pages.map((start, i) => {
    const hi = i ? start : Infinity;
    const lo = pages[i + 1] ?? 0;
    const out = hidden.filter((seq) => seq <= hi && seq > lo).length;
    const count = Math.max(Math.min(size, total - i * size) - out, 0);
    const rows = before.between(hi, lo);
    // More of them when some arrived since the pages were counted.
    return rows.length >= count ? segment(hi, lo, rows.length, rows) : segment(hi, lo, count);
  });
  return new Segments(list.length ? list : [segment(Infinity, 0, 0, [])]);
}

/**
 * Where a seq stands in rows, or would stand.
 * @param {Summary[]} rows
 * @param {number} seq
 */
const place = (rows, seq) => search(rows.length, (i) => rows[i].seq <= seq);

/**
 * The first of n for which holds is true; it is for all that follow.
 * @param {number} n
 * @param {(i: number) => boolean} holds
 */
function search(n, holds) {
  let from = 0;
  for (let to = n; from < to; ) {
    const half = (from + to) >> 1;
    if (holds(half)) to = half;
    else from = half + 1;
  }
  return from;
}
