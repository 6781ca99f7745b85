// One run in the grid.

import { icon, make } from "./dom.js";
import { FAILED, KIND_NAMES, STATUS_NAMES, cost, dollars, shortModel, span, statusName, title } from "./format.js";
import { small } from "./pictures.js";
import { playable } from "./server.js";

const ICONS = { video: "play", audio: "sound", "3d": "cube", file: "file" };

export class Tile {
  constructor(run, hooks) {
    this.run = run;
    this.cancel = () => {};
    this.picture = make("span", { class: "picture", "aria-hidden": "true" });
    this.line = make("span", { class: "line" });
    this.facts = make("span", { class: "facts" });
    this.rest = make("span", { class: "hidden" });
    this.open = make(
      "button",
      { type: "button", class: "open", tabindex: "-1", onclick: () => hooks.open(this.run.key) },
      this.picture,
      this.line,
      this.facts,
      this.rest,
    );
    this.select = make("input", {
      type: "checkbox",
      class: "select",
      tabindex: "-1",
      onchange: () => hooks.select(this.run.key, this.select.checked),
    });
    this.element = make("div", { role: "gridcell", class: "tile" }, this.open, this.select);
    this.element.addEventListener("pointerenter", () => this.play(true));
    this.element.addEventListener("pointerleave", () => this.play(false));
    this.shownAs = "";
    this.update(run, false, false);
  }

  update(run, selected, star) {
    this.run = run;
    this.select.checked = selected;
    this.element.classList.toggle("selected", selected);
    const amount = cost(run);
    this.line.textContent = title(run);
    const left = [run.model ? shortModel(run.model) : "", amount !== undefined && amount !== null ? dollars(amount) : ""];
    this.facts.replaceChildren(
      ...left.filter(Boolean).map((text) => make("span", {}, text)),
      star ? make("span", { class: "mark star" }, icon("star")) : "",
      run.saved ? make("span", { class: "mark" }, icon("check")) : "",
    );
    const rest = [statusName(run.status), run.error, this.kind(), run.saved ? "saved" : "", star ? "picked" : ""];
    this.rest.textContent = `, ${rest.filter(Boolean).join(", ")}`;
    this.select.setAttribute("aria-label", `Select ${title(run).slice(0, 80)}`);
    this.draw();
  }

  kind() {
    return KIND_NAMES[this.run.kinds?.[0]] ?? "";
  }

  // Draws the picture anew only where something about it is different.
  draw() {
    const { key, status, outputs, gone, saved, error, unasked, kinds, text } = this.run;
    const shownAs = JSON.stringify([key, status, outputs, gone, saved, error, unasked, kinds, text]);
    if (shownAs === this.shownAs) return;
    this.shownAs = shownAs;
    this.cancel();
    if (status === "processing") this.waiting();
    else if (FAILED.has(status)) this.words(error || statusName(status), "failed");
    else if (gone) this.words("No longer kept", "muted");
    else if (status !== "completed") this.words("Its answer was lost", "muted");
    else this.media();
  }

  waiting() {
    const clock = make("span", { class: "clock" }, this.age());
    this.picture.replaceChildren(make("span", { class: "words" }, this.run.prompt ?? ""), make("span", { class: "running" }, clock, make("span", { class: "thread" })));
    const timer = setInterval(() => (clock.textContent = this.age()), 1000);
    this.cancel = () => clearInterval(timer);
  }

  age() {
    const seconds = Math.floor(Math.max(0, Date.now() / 1000 - this.run.at));
    return seconds < 86400 ? `running, ${span(seconds)}` : STATUS_NAMES.processing;
  }

  words(text, look) {
    this.picture.replaceChildren(make("span", { class: `words ${look}` }, text));
  }

  media() {
    const kind = this.run.kinds?.[0] ?? "image";
    const badge = this.badge(kind);
    if (kind === "text") {
      this.words(this.run.text ?? this.run.prompt ?? "Text", "");
      this.picture.append(...badge);
    } else if (kind === "video") this.video(badge);
    else if (kind === "image") this.image(badge);
    else this.poster(kind, badge);
  }

  badge(kind) {
    const marks = [];
    if (kind === "video") marks.push(icon("play"));
    if (this.run.outputs > 1) marks.push(icon("layers"), make("span", {}, String(this.run.outputs)));
    return marks.length ? [make("span", { class: "badge" }, ...marks)] : [];
  }

  poster(kind, badge = []) {
    this.picture.replaceChildren(make("span", { class: "poster" }, icon(ICONS[kind] ?? "file"), make("span", {}, KIND_NAMES[kind] ?? "File")), ...badge);
  }

  image(badge) {
    this.picture.replaceChildren(...badge);
    this.cancel = small(
      this.run.key,
      0,
      (address) => {
        const image = make("img", { alt: "", draggable: false, decoding: "async", src: address });
        this.picture.replaceChildren(image, ...badge);
      },
      () => this.poster("image", badge),
    );
  }

  video(badge) {
    this.poster("video", badge);
    let live = true;
    const player = make("video", { muted: true, loop: true, playsInline: true, preload: "metadata", tabindex: "-1" });
    player.setAttribute("aria-hidden", "true");
    player.addEventListener("loadeddata", () => live && this.picture.replaceChildren(player, ...badge));
    const timer = setTimeout(async () => {
      const address = await playable(this.run.key, 0);
      if (live) player.src = `${address}#t=0.05`;
    }, 150);
    this.cancel = () => {
      live = false;
      clearTimeout(timer);
      player.removeAttribute("src");
      player.load();
    };
  }

  play(on) {
    const player = this.picture.querySelector("video");
    if (!player || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    if (on) player.play().catch(() => {});
    else player.pause();
  }

  leave() {
    this.cancel();
    this.element.remove();
  }
}
