// The one place where the view libraries meet.

import htm from "htm";
import { h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "./i18n.js";
import { useReason } from "./reason.js";

export const html = htm.bind(h);

const version = new URL("..", import.meta.url).pathname; // all files of the page are below it

/**
 * Loads the page anew if the server has another one by now, which need not have
 * this one's files. Once: it might be two servers that take turns.
 */
async function renewed() {
  try {
    const page = await fetch(location.pathname);
    const mark = `restante.renewed ${version}`;
    if (!page.ok || (await page.text()).includes(`"${version.slice(version.indexOf("assets/"))}`) || sessionStorage.getItem(mark)) return false;
    sessionStorage.setItem(mark, "1");
  } catch {
    return false; // there is no server, or nowhere to note it
  }
  location.reload();
  return true;
}

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
    const { problem, tries, fail } = useReason();
    useEffect(() => {
      let left = false;
      if (loaded) return undefined;
      coming ??= load().then(
        (c) => void (loaded = c),
        async (e) => {
          if (await renewed()) return new Promise(() => {}); // until the new page is there
          coming = null; // tried again the next time it is shown
          throw e;
        },
      );
      coming.then(
        () => left || set((n) => n + 1),
        (e) => left || fail(e),
      );
      return () => {
        left = true;
      };
    }, [tries]);
    if (loaded) return h(loaded, props);
    return problem ? h("p", { class: "notice", role: "alert" }, t("shell.wrong.part")) : null;
  };
}
