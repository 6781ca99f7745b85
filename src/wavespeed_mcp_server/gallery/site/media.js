// One output at its full size, or what stands in for it where a browser cannot show it.

import { icon, make } from "./dom.js";
import { KIND_NAMES, size } from "./format.js";
import { fetchBlob, playable } from "./server.js";

const CARRIED = { video: "video", audio: "audio" };

// Returns { element, leave }: `leave` gives back what the element holds.
export function full(run, index, part) {
  if (part.kind === "text") return still(make("pre", { class: "text", tabindex: "0" }, part.text ?? ""));
  if (CARRIED[part.kind]) return player(run, index, part);
  if (part.kind === "image") return image(run, index, part);
  return still(poster(run, index, part));
}

const still = (element) => ({ element, leave() {} });

function image(run, index, part) {
  let address = "";
  let live = true;
  const element = make("div", { class: "frame", "aria-busy": "true" });
  fetchBlob(`/media/${run.key}/${index}`)
    .then((blob) => {
      if (!live) return;
      if (!blob.type.startsWith("image/")) throw new Error("It is not an image that a browser shows.");
      address = URL.createObjectURL(blob);
      const shown = make("img", { alt: run.prompt || `Output ${index + 1} of ${run.model}`, src: address });
      shown.addEventListener("load", () => (element.dataset.size = `${shown.naturalWidth} × ${shown.naturalHeight}`));
      shown.addEventListener("error", () => element.replaceChildren(poster(run, index, part)));
      element.replaceChildren(shown);
    })
    .catch((error) => live && element.replaceChildren(poster(run, index, part, error.message)))
    .finally(() => element.removeAttribute("aria-busy"));
  return {
    element,
    leave() {
      live = false;
      if (address) URL.revokeObjectURL(address);
    },
  };
}

function player(run, index, part) {
  const media = make(CARRIED[part.kind], { controls: true, preload: "metadata", playsInline: true });
  media.setAttribute("aria-label", run.prompt || `${KIND_NAMES[part.kind]} of ${run.model}`);
  const element = make("div", { class: `frame ${part.kind}` }, part.kind === "audio" ? make("span", { class: "poster" }, icon("sound")) : null, media);
  media.addEventListener("error", () => media.getAttribute("src") && element.replaceChildren(poster(run, index, part)));
  let live = true;
  playable(run.key, index).then((address) => {
    if (live) media.src = address;
  });
  return {
    element,
    leave() {
      live = false;
      media.pause();
      media.removeAttribute("src");
      media.load();
    },
  };
}

function poster(run, index, part, why = "") {
  const name = (part.name ?? part.url ?? "").split("?")[0].split("/").at(-1);
  return make(
    "div",
    { class: "frame stand-in" },
    make("span", { class: "poster" }, icon(part.kind === "3d" ? "cube" : "file"), make("span", {}, KIND_NAMES[part.kind] ?? "File")),
    make("p", {}, why || [name, part.size_bytes ? size(part.size_bytes) : ""].filter(Boolean).join(", ")),
    why ? null : make("button", { type: "button", class: "main", onclick: () => download(run, index, name) }, "Download"),
  );
}

export async function download(run, index, name) {
  const blob = await fetchBlob(`/media/${run.key}/${index}?download=1`);
  const address = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
  make("a", { href: address, download: name || "output" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
