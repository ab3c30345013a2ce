// The one place where the view libraries meet.

import htm from "htm";
import { h } from "preact";
import { useEffect, useState } from "preact/hooks";

export const html = htm.bind(h);

/**
 * A component whose module is loaded when it is first shown.
 * @param {() => Promise<unknown>} load gives the component
 */
export function lazily(load) {
  /** @type {unknown} */
  let loaded = null;
  /** @type {Promise<void> | null} */
  let coming = null;
  return function Lazy(/** @type {object} */ props) {
    const [, set] = useState(0);
    const [problem, setProblem] = useState("");
    useEffect(() => {
      let left = false;
      if (loaded) return undefined;
      coming ??= load().then(
        (c) => void (loaded = c),
        (e) => {
          coming = null; // tried again the next time it is shown
          throw e;
        },
      );
      coming.then(
        () => left || set((n) => n + 1),
        (e) => left || setProblem(String(e.message ?? e)),
      );
      return () => {
        left = true;
      };
    }, []);
    if (loaded) return h(loaded, props);
    return problem ? h("p", { class: "notice", role: "alert" }, problem) : null;
  };
}
