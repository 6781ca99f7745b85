// Two to four runs side by side, with what is different about them, and the pick.

import { byId, icon, make, say } from "./dom.js";
import { feed } from "./feed.js";
import { FAILED, cost, dollars, shortModel, span, statusName, title } from "./format.js";
import { full } from "./media.js";
import { change, get } from "./server.js";

export class Compare {
  constructor(hooks) {
    this.hooks = hooks;
    this.dialog = byId("compare");
    this.keys = [];
    this.held = [];
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.hooks.close();
    });
  }

  async show(keys) {
    this.keys = keys.slice(0, 4);
    if (!this.dialog.open) this.dialog.showModal();
    try {
      const runs = await Promise.all(this.keys.map((key) => get(`/data/run/${encodeURIComponent(key)}`)));
      if (this.dialog.open) this.draw(runs);
    } catch (error) {
      this.dialog.replaceChildren(this.head(), make("p", { class: "large-words" }, error.message));
    }
  }

  hide() {
    if (!this.dialog.open) return;
    this.leave();
    this.dialog.close();
    this.dialog.replaceChildren();
  }

  leave() {
    for (const one of this.held) one.leave();
    this.held = [];
  }

  changed(keys) {
    if (this.dialog.open && (keys === null || this.keys.some((key) => keys.has(key)))) this.show(this.keys);
  }

  head() {
    return make(
      "div",
      { class: "compare-head" },
      make("h2", { id: "compare-title" }, "Side by side"),
      make("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => this.hooks.close() }, icon("close")),
    );
  }

  draw(runs) {
    this.leave();
    const group = [...new Set(this.keys)].sort().join(",");
    const pick = feed.news.picks?.[group] ?? "";
    const names = differing(runs);
    this.dialog.replaceChildren(
      this.head(),
      make(
        "div",
        { class: "columns", role: "radiogroup", "aria-label": "The best of them" },
        runs.map((run) => this.column(run, names, pick === run.key)),
      ),
    );
  }

  column(run, names, picked) {
    const part = run.parts?.[0];
    let media;
    if (part) {
      const shown = full(run, 0, part);
      this.held.push(shown);
      media = shown.element;
    } else media = make("p", { class: "large-words" }, FAILED.has(run.status) ? run.error || statusName(run.status) : statusName(run.status));
    const choice = make("input", { type: "radio", name: "pick", checked: picked, onchange: () => this.pick(run.key) });
    const rows = [
      ["Model", shortModel(run.model ?? "")],
      ["Price", dollars(cost(run))],
      ["Took", run.took ? span(run.took) : ""],
      ...names.map((name) => [name, text(name === "seed" ? run.seed : run.input?.[name])]),
    ];
    return make(
      "article",
      { class: picked ? "column picked" : "column", "aria-label": title(run).slice(0, 120) },
      make("div", { class: "compare-media" }, media),
      make("label", { class: "pick" }, choice, icon("star"), make("span", {}, picked ? "Picked" : "Pick this one")),
      make("dl", {}, rows.filter(([, value]) => value).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))),
      make("button", { type: "button", class: "quiet", onclick: () => this.hooks.open(run.key) }, "Everything about it"),
    );
  }

  async pick(key) {
    try {
      await change("pick", { keys: this.keys, pick: key });
      for (const column of this.dialog.querySelectorAll(".column")) {
        const on = column.querySelector("input").checked;
        column.classList.toggle("picked", on);
        column.querySelector(".pick span").textContent = on ? "Picked" : "Pick this one";
      }
      say("The pick is remembered");
    } catch (error) {
      say(error.message);
    }
  }
}

const text = (value) => (value === undefined || value === null ? "-" : typeof value === "string" ? value : JSON.stringify(value));

// The inputs whose values are not the same in all of them.
function differing(runs) {
  const names = new Set(runs.flatMap((run) => [...Object.keys(run.input ?? {}), ...(run.seed === undefined ? [] : ["seed"])]));
  return [...names].filter((name) => new Set(runs.map((run) => text(name === "seed" ? run.seed : run.input?.[name]))).size > 1);
}
