// Lists of addresses as people type them.

/**
 * Splits at commas and semicolons and line ends, but not within quotes or angle
 * brackets.
 * @param {string} text
 * @returns {string[]}
 */
export function addresses(text) {
  const all = text.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,;\n"<]|["<])+/g) ?? [];
  return all.map((each) => each.trim()).filter(Boolean);
}

/**
 * Whether it looks like one: the server has the last word.
 * @param {string} text
 */
export const isAddress = (text) => /^(?:[^<>]*<[^\s<>]+@[^\s<>@]+>|[^\s<>]+@[^\s<>@]+|"[^"]*"@[^\s<>@]+)$/.test(text);
