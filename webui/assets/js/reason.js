// Why something could not be done or read, in the reader's language.

import { useEffect, useState } from "preact/hooks";
import { Problem } from "./api.js";
import { t } from "./i18n.js";
import * as live from "./live.js";

/**
 * What the server says in English is a quotation where another language is read.
 * @param {unknown} e
 * @returns {string}
 */
export function reason(e) {
  if (!(e instanceof Problem)) return t("compose.wrong.server");
  switch (e.status) {
    case 404:
      return t("shell.wrong.gone");
    case 413:
      return t("compose.wrong.large");
    case 500:
      return t("sessions.why.internal");
    case 503:
      return t("compose.wrong.server");
    case 507:
      return t("sessions.why.full");
  }
  return t("shell.wrong.other", { text: e.message });
}

/**
 * For a component that reads something: why that failed ("" while it did not),
 * and a number that is another one when it is to be tried again, because the
 * server is back.
 * @returns {{problem: string, tries: number, fail: (e: unknown) => void}}
 */
export function useReason() {
  const [problem, setProblem] = useState("");
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (!problem) return undefined;
    return live.on("connected", () => {
      setProblem("");
      setTries((n) => n + 1);
    });
  }, [problem]);
  return { problem, tries, fail: (e) => setProblem(reason(e)) };
}
