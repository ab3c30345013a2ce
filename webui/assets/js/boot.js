// Runs before anything is shown: the reader's theme, so that nothing flashes,
// and the words of the reader's language, so that they come with the rest. The
// same names and choices as in theme.js and i18n.js.

(() => {
  const at = new URL(document.baseURI);
  if (at.username || at.password) {
    // Scripts may not fetch from an address with a password in it. The browser
    // knows the password by now, and gives it by itself.
    at.username = at.password = "";
    location.replace(at);
    return;
  }
  const stored = (/** @type {string} */ name) => {
    try {
      return JSON.parse(localStorage.getItem(`restante.${name}`) ?? '""');
    } catch {
      return ""; // blocked, or not JSON
    }
  };
  const root = document.documentElement;
  const theme = stored("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const tag = stored("language") || navigator.languages.find((l) => /^(zh|en)\b/i.test(l)) || "en";
  const chinese = /^zh\b/i.test(tag);
  root.lang = chinese ? "zh-Hans" : "en";
  const words = document.createElement("link");
  words.rel = "preload";
  words.as = "fetch";
  words.crossOrigin = "anonymous"; // as fetch asks for it
  const self = /** @type {HTMLScriptElement} */ (document.currentScript);
  words.href = new URL(`../lang/${chinese ? "zh" : "en"}.json`, self.src).href;
  document.head.append(words);
})();
