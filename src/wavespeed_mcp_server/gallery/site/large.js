// The large view: the output, and everything that made it.

import { byId, copy, icon, make, say } from "./dom.js";
import { feed } from "./feed.js";
import { FAILED, dollars, moment, shortModel, span, statusName, title } from "./format.js";
import { download, full } from "./media.js";
import { small } from "./pictures.js";
import { change, get } from "./server.js";

export class Large {
  constructor(hooks) {
    this.hooks = hooks;
    this.dialog = byId("large");
    this.key = "";
    this.index = 0;
    this.held = { leave() {} };
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.hooks.close();
    });
    this.dialog.addEventListener("keydown", (event) => this.pressed(event));
  }

  async show(key) {
    const same = this.key === key && this.dialog.open;
    this.key = key;
    if (!same) this.index = 0;
    if (!this.dialog.open) {
      this.dialog.replaceChildren();
      this.dialog.showModal();
    }
    try {
      const facts = await get(`/data/run/${encodeURIComponent(key)}`);
      if (this.key === key && this.dialog.open) this.draw(facts);
    } catch (error) {
      if (this.key !== key || !this.dialog.open) return;
      this.held.leave();
      this.dialog.replaceChildren(this.closer(), make("div", { class: "stage" }, make("h2", { id: "large-title" }, "This run cannot be shown"), make("p", {}, error.message)));
    }
  }

  hide() {
    if (!this.dialog.open) return false;
    this.held.leave();
    this.held = { leave() {} };
    this.dialog.close();
    this.dialog.replaceChildren();
    return true;
  }

  changed(keys) {
    if (this.dialog.open && (keys === null || keys.has(this.key))) this.show(this.key);
  }

  pressed(event) {
    if (event.target.closest("video, audio, pre, input, textarea")) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) this.move(step);
  }

  move(step) {
    const next = this.hooks.move(this.key, step);
    if (next) location.replace(`#run/${encodeURIComponent(next)}`);
  }

  closer() {
    return make("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => this.hooks.close() }, icon("close"));
  }

  draw(facts) {
    const focused = document.activeElement?.dataset?.name;
    const parts = facts.parts ?? [];
    this.index = Math.min(this.index, Math.max(0, parts.length - 1));
    // A video under way goes on where only facts beside it are new.
    const stands = JSON.stringify([facts.key, this.index, parts[this.index] ?? facts.status, facts.error, facts.gone]);
    let stage = this.dialog.querySelector(".stage");
    if (!stage || this.stands !== stands) {
      this.stands = stands;
      this.held.leave();
      this.held = { leave() {} };
      stage = make("div", { class: "stage" }, this.output(facts, parts));
    }
    const step = (name, label, by) =>
      make("button", { type: "button", class: `step ${name}`, "data-name": name, "aria-label": label, disabled: !this.hooks.move(this.key, by), onclick: () => this.move(by) }, icon(name));
    this.dialog.replaceChildren(
      this.closer(),
      make("div", { class: "left-side" }, stage, step("left", "Newer run", -1), step("right", "Older run", 1), this.strip(facts, parts)),
      this.panel(facts, parts),
    );
    (focused && this.dialog.querySelector(`[data-name="${focused}"]`))?.focus();
  }

  output(facts, parts) {
    if (parts.length) {
      this.held = full(facts, this.index, parts[this.index]);
      return this.held.element;
    }
    const words =
      facts.status === "processing" ? "Still running. It appears here when it is done."
      : FAILED.has(facts.status) ? facts.error || `It ended as ${statusName(facts.status)}.`
      : facts.gone ? "The API has its outputs no more: it deletes them after 7 days."
      : "It gave no outputs.";
    return make("p", { class: `large-words ${FAILED.has(facts.status) ? "failed" : ""}` }, words);
  }

  strip(facts, parts) {
    if (parts.length < 2) return null;
    return make(
      "div",
      { class: "strip", role: "group", "aria-label": "Outputs of this run" },
      parts.map((part, index) =>
        make(
          "button",
          {
            type: "button",
            "data-name": `output-${index}`,
            "aria-label": `Output ${index + 1} of ${parts.length}`,
            "aria-pressed": String(index === this.index),
            onclick: () => {
              this.index = index;
              this.draw(facts);
            },
          },
          thumbnail(facts.key, index, part.kind, String(index + 1)),
        ),
      ),
    );
  }

  panel(facts, parts) {
    const part = parts[this.index];
    return make(
      "div",
      { class: "panel", tabindex: "0", role: "region", "aria-label": "What made it" },
      make("h2", { id: "large-title", class: facts.prompt ? "prompt" : "" }, title(facts)),
      make("p", { class: "model" }, facts.model ?? ""),
      facts.error && parts.length ? make("p", { class: "failed" }, facts.error) : null,
      facts.trouble ? make("p", { class: "failed" }, facts.trouble) : null,
      this.actions(facts, part),
      this.list(facts, part),
      this.input(facts),
      this.family("Made from", facts.parents),
      this.family("Used for", facts.children),
      make("p", { class: "last" }, make("button", { type: "button", class: "danger", "data-name": "delete", disabled: !facts.id || facts.status === "processing", onclick: () => this.hooks.remove([facts.key]) }, "Delete…")),
    );
  }

  actions(facts, part) {
    const button = (name, text, act, look = "") => make("button", { type: "button", class: look, "data-name": name, onclick: act }, text);
    const saves = facts.status === "completed" && !facts.saved && !facts.gone && facts.id;
    return make(
      "div",
      { class: "buttons" },
      saves ? make("button", { type: "button", class: "main", "data-name": "save", disabled: Boolean(facts.saving), onclick: () => this.hooks.save([facts.key]) }, facts.saving ? "Saving…" : "Save") : null,
      button("copy-input", "Copy as input", () => copy(JSON.stringify(facts.input ?? {}, null, 2), "Input")),
      button("copy-call", "Copy generate call", () => copy(facts.call, "Call")),
      part?.name ? button("folder", "Open folder", () => change("folder", { keys: [facts.key] }).then(() => say("Opened"), (error) => say(error.message))) : null,
      part && part.kind !== "text" ? button("download", "Download", () => download(facts, this.index, nameOf(part)).catch((error) => say(error.message))) : null,
    );
  }

  list(facts, part) {
    const paid = facts.charged ?? null;
    const rows = [
      ["Status", statusName(facts.status)],
      ["Seed", facts.seed],
      [facts.quoted === false ? "Catalog price" : "Quoted", dollars(facts.quote)],
      ["Charged", paid === null ? "" : `${dollars(paid)}${facts.returned ? ` (${dollars(facts.returned)} came back)` : ""}`],
      ["Made", moment(facts.at)],
      ["Took", facts.took ? span(facts.took) : facts.inference_ms ? span(facts.inference_ms / 1000) : ""],
      ["Project", facts.project],
      ["File", part?.name],
      ["Kept until", facts.parts?.some((one) => one.url) && !facts.gone ? moment(facts.deleted_at) : ""],
      ["Id", facts.id],
    ];
    return make(
      "dl",
      {},
      rows.filter(([, value]) => value !== undefined && value !== null && value !== "").map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, String(value)))),
    );
  }

  input(facts) {
    const rest = Object.entries(facts.input ?? {}).filter(([name]) => name !== "prompt");
    if (!rest.length) return null;
    return make(
      "section",
      { "aria-label": "Input" },
      make("h3", {}, "Input"),
      make("dl", { class: "input" }, rest.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, typeof value === "string" ? value : JSON.stringify(value))))),
    );
  }

  family(name, keys) {
    const known = (keys ?? []).map((key) => feed.runs.get(key)).filter(Boolean);
    if (!known.length) return null;
    return make(
      "section",
      { "aria-label": name },
      make("h3", {}, name),
      make(
        "div",
        { class: "family" },
        known.map((run) =>
          make(
            "button",
            { type: "button", "aria-label": `${name}: ${title(run).slice(0, 120)}`, onclick: () => this.hooks.open(run.key) },
            thumbnail(run.key, 0, run.kinds?.[0], shortModel(run.model ?? "")),
          ),
        ),
      ),
    );
  }
}

const nameOf = (part) => (part.name ?? part.url ?? "").split("?")[0].split("/").at(-1);

export function thumbnail(key, index, kind, words) {
  const place = make("span", { class: "thumbnail" }, words);
  if (kind === "image") small(key, index, (address) => place.replaceChildren(make("img", { alt: "", src: address })), () => {});
  else if (kind && kind !== "text") place.replaceChildren(icon({ video: "play", audio: "sound", "3d": "cube" }[kind] ?? "file"));
  return place;
}
