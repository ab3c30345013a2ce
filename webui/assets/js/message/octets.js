// What stands where in a message as it was sent: field names, values,
// boundaries, encoded parts. It reads line after line and never goes back, so
// that ten megabytes are shown while they come.

/**
 * A run of lines, or of a line, that looks alike.
 * @typedef {[kind: "" | "name" | "value" | "boundary" | "encoded", text: string]} Segment
 */

const chunkLines = 150;
const chunkSize = 16_000; // characters

export class Scanner {
  /** @type {Segment[][]} */
  chunks = [];
  /** @type {Segment[]} */
  #chunk = [];
  #lines = 0;
  #size = 0;
  #rest = ""; // a line whose end has not come

  #inHeader = true;
  #field = ""; // the field that is read, unfolded
  #encoded = false; // the body of this part
  #nested = false; // the body of this part is a message
  /** @type {Set<string>} */
  #boundaries = new Set();

  /** @param {string} text */
  feed(text) {
    const all = this.#rest + text;
    let at = 0;
    for (let end = all.indexOf("\n"); end >= 0; end = all.indexOf("\n", at)) {
      this.#line(all.slice(at, end + 1));
      at = end + 1;
    }
    this.#rest = all.slice(at);
    // A line that does not end is shown in pieces.
    while (this.#rest.length > 4 * chunkSize) {
      this.#put(this.#encoded ? "encoded" : this.#inHeader ? "value" : "", this.#rest.slice(0, chunkSize));
      this.#rest = this.#rest.slice(chunkSize);
      this.#flush();
    }
  }

  end() {
    if (this.#rest) this.#line(this.#rest);
    this.#rest = "";
    this.#flush();
  }

  /** @param {string} line */
  #line(line) {
    const bare = line.replace(/\r?\n$/, "").trimEnd();
    const boundary = this.#boundary(bare);
    if (boundary) {
      this.#endOfHeader();
      this.#put("boundary", line);
      this.#inHeader = boundary === "next";
      this.#encoded = this.#nested = false;
      this.#field = "";
    } else if (!this.#inHeader) {
      this.#put(this.#encoded ? "encoded" : "", line);
    } else if (bare === "") {
      this.#endOfHeader();
      this.#put("", line);
      this.#inHeader = this.#nested;
      this.#nested = false;
    } else {
      this.#headerLine(line);
    }
    if (++this.#lines >= chunkLines || this.#size >= chunkSize) this.#flush();
  }

  /** @param {string} line */
  #headerLine(line) {
    const name = /^[!-9;-~]+[ \t]*:/.exec(line)?.[0];
    if (name) {
      this.#endOfField();
      this.#field = line.trim();
      this.#put("name", name);
      this.#put("value", line.slice(name.length));
      return;
    }
    if (/^[ \t]/.test(line) && this.#field.length < chunkSize) this.#field += ` ${line.trim()}`;
    this.#put("value", line);
  }

  #endOfHeader() {
    this.#endOfField();
    this.#field = "";
  }

  #endOfField() {
    const boundary = /^content-type\s*:.*?;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(this.#field);
    if (boundary) this.#boundaries.add(boundary[1]?.replace(/\\(.)/g, "$1") ?? boundary[2]);
    if (/^content-type\s*:\s*message\/rfc822/i.test(this.#field)) this.#nested = true;
    if (/^content-transfer-encoding\s*:\s*(base64|x-uuencode)/i.test(this.#field)) this.#encoded = true;
  }

  /**
   * @param {string} line
   * @returns {"" | "next" | "last"}
   */
  #boundary(line) {
    if (!line.startsWith("--")) return "";
    if (this.#boundaries.has(line.slice(2))) return "next";
    return line.endsWith("--") && this.#boundaries.has(line.slice(2, -2)) ? "last" : "";
  }

  /**
   * @param {Segment[0]} kind
   * @param {string} text
   */
  #put(kind, text) {
    const last = this.#chunk.at(-1);
    if (last && last[0] === kind) last[1] += text;
    else this.#chunk.push([kind, text]);
    this.#size += text.length;
  }

  #flush() {
    if (this.#chunk.length) this.chunks.push(this.#chunk);
    this.#chunk = [];
    this.#lines = this.#size = 0;
  }
}
