// The page to try the API. RapiDoc takes its colours as attributes.

const colours = {
  light: { theme: "light", "bg-color": "#f6f4ef", "text-color": "#1d1b18", "primary-color": "#8a3b12" },
  dark: { theme: "dark", "bg-color": "#171614", "text-color": "#e9e6df", "primary-color": "#e39a6b" },
};

const dark = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  const doc = document.querySelector("rapi-doc");
  for (const [name, value] of Object.entries(dark.matches ? colours.dark : colours.light)) doc?.setAttribute(name, value);
}

paint(); // before the element comes to life
dark.addEventListener("change", paint);

const script = document.createElement("script");
script.src = new URL("../vendor/rapidoc.js", import.meta.url).href;
document.head.append(script);
