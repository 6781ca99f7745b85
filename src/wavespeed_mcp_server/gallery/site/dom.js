// Making elements. Nothing from outside ever becomes markup: texts are text nodes, attributes are set one by one.

export const byId = (id) => document.getElementById(id);

export function make(tag, facts = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function drawn(tag, facts = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(facts)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const PATHS = {
  play: "M8 5v14l11-7z",
  sound: "M4 10v4h3l5 4V6L7 10zM15.5 8.5a5 5 0 0 1 0 7M18 6a8.5 8.5 0 0 1 0 12",
  cube: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  check: "M5 12.5l4.5 4.5L19 7.5",
  star: "M12 4l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z",
  close: "M6 6l12 12M18 6L6 18",
  left: "M14.5 5L8 12l6.5 7",
  right: "M9.5 5L16 12l-6.5 7",
  layers: "M4 8h12v12H4zM8 4h12v12",
};

export function icon(name) {
  const filled = name === "play";
  return drawn(
    "svg",
    { viewBox: "0 0 24 24", class: `icon ${name}`, "aria-hidden": "true", focusable: "false" },
    drawn("path", {
      d: PATHS[name],
      fill: filled ? "currentColor" : "none",
      stroke: filled ? "none" : "currentColor",
      "stroke-width": "1.8",
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
}

let silence = 0;
export function say(text) {
  const place = byId("said");
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(silence);
  silence = setTimeout(() => place.classList.remove("shown"), 3500);
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    say("The browser does not let this page copy; select the text instead.");
  }
}
