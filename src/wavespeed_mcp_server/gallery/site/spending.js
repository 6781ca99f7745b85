// What it cost: each day by model or project, the budget, the dearest runs, money that has not come back.

import { byId, copy, drawn, make } from "./dom.js";
import { feed } from "./feed.js";
import { DAY, FAILED, billDay, cost, count, dollars, moment, shortDay, shortModel, title } from "./format.js";
import { thumbnail } from "./large.js";

const DAYS = [7, 14, 30];
const SERIES = 6;
const OTHERS = "Everything else";
const RETURN_SECONDS = 3 * 3600;
const DEAREST = 12;
const PLOT = { width: 720, height: 240, left: 52, right: 8, top: 12, bottom: 28 };

export class Spending {
  constructor(hooks) {
    this.hooks = hooks;
    this.place = byId("spending");
    this.by = "model";
    this.days = 7;
  }

  draw() {
    const runs = feed.sorted;
    const days = lastDays(this.days);
    const sums = added(runs, days, this.by);
    const signature = JSON.stringify([sums, feed.news.spent, feed.news.budget, feed.news.balance, feed.news.money, runs.length, owed(runs).length]);
    if (signature === this.signature) return;
    this.signature = signature;
    const focused = document.activeElement?.id;
    const parts = [this.numbers(runs, days), this.plot(days, sums), this.notReturned(owed(runs)), this.dearest(runs, days)];
    this.place.replaceChildren(...parts.filter(Boolean));
    if (focused) byId(focused)?.focus();
  }

  numbers(runs, days) {
    const { spent = 0, budget, balance, money } = feed.news;
    const within = runs.filter((run) => run.billed >= days[0]);
    const total = within.reduce((sum, run) => sum + (cost(run) ?? 0), 0);
    const unknown = within.filter((run) => cost(run) === undefined && !FAILED.has(run.status)).length;
    const cell = (name, value, note, ...rest) => make("div", { class: "number" }, make("dt", {}, name), make("dd", {}, make("strong", {}, value), ...rest, note ? make("span", {}, note) : null));
    const share = budget ? Math.min(1, spent / budget) : 0;
    const meter = budget ? make("meter", { min: "0", max: String(budget), value: spent, "aria-label": "Share of the budget that is spent" }) : null;
    if (meter) meter.high = budget * 0.8;
    return make(
      "dl",
      { class: "numbers" },
      cell(`Last ${this.days} days`, dollars(total), [count(within.length, "run"), unknown ? `${unknown.toLocaleString("en-US")} without a known price` : ""].filter(Boolean).join(", ")),
      budget
        ? cell("Budget left", dollars(Math.max(0, budget - spent)), `${dollars(spent)} of ${dollars(budget)} spent in 24 hours (${Math.round(share * 100)} %)`, meter)
        : cell("Last 24 hours", dollars(spent), "No daily budget is set"),
      cell("Balance", balance === undefined ? "-" : dollars(balance), money ? "The account does not answer" : "On the account"),
    );
  }

  plot(days, sums) {
    const choice = (name, value, now, text, act) =>
      make("label", {}, make("input", { type: "radio", name, id: `${name}-${value}`, checked: now, onchange: act }), make("span", {}, text));
    const names = [...new Set(sums.flatMap((day) => Object.keys(day.parts)))];
    const ranked = rank(names, sums);
    return make(
      "section",
      { class: "plot", "aria-label": "Cost of each day" },
      make(
        "div",
        { class: "plot-head" },
        make("h2", {}, "Cost of each day"),
        make("fieldset", {}, make("legend", { class: "hidden" }, "Parted by"), ["model", "project"].map((by) => choice("by", by, this.by === by, `By ${by}`, () => this.set({ by })))),
        make("fieldset", {}, make("legend", { class: "hidden" }, "Days"), DAYS.map((length) => choice("days", length, this.days === length, `${length} days`, () => this.set({ days: length })))),
      ),
      bars(days, sums, ranked),
      make("ul", { class: "legend" }, ranked.map((name, index) => make("li", {}, make("span", { class: `swatch series-${index}` }), name, make("span", { class: "amount" }, dollars(total(sums, name, ranked)))))),
      make("p", { class: "facts" }, "Days are those of UTC, as on WaveSpeed's bills and in usage."),
      make("details", {}, make("summary", {}, "As a table"), table(days, sums, ranked, this.by)),
    );
  }

  set(choice) {
    Object.assign(this, choice);
    this.signature = "";
    this.draw();
  }

  notReturned(runs) {
    if (!runs.length) return null;
    const sum = runs.reduce((all, run) => all + run.charged, 0);
    const text = claim(runs);
    return make(
      "section",
      { class: "owed", "aria-label": "Not returned" },
      make("h2", {}, "Failed, and the money has not come back"),
      make("p", {}, `${count(runs.length, "failed run")}, ${dollars(sum)}. The API returns the money of a failed run within three hours; these are older. Send this to WaveSpeedAI's support:`),
      make("textarea", { readOnly: true, rows: String(Math.min(12, text.split("\n").length + 2)), "aria-label": "Text of the claim", id: "claim" }, text),
      make("p", {}, make("button", { type: "button", class: "main", id: "copy-claim", onclick: () => copy(text, "Claim") }, "Copy the claim")),
    );
  }

  dearest(runs, days) {
    const dear = runs.filter((run) => run.billed >= days[0] && cost(run)).sort((one, other) => cost(other) - cost(one)).slice(0, DEAREST);
    if (!dear.length) return null;
    return make(
      "section",
      { class: "dearest", "aria-label": "Dearest runs" },
      make("h2", {}, "Dearest runs"),
      make(
        "table",
        {},
        make("thead", {}, make("tr", {}, ["Run", "Day", "Quoted", "Charged"].map((name, index) => make("th", { scope: "col", class: index > 1 ? "amount" : "" }, name)))),
        make(
          "tbody",
          {},
          dear.map((run) =>
            make(
              "tr",
              {},
              make(
                "th",
                { scope: "row" },
                make("button", { type: "button", class: "run", onclick: () => this.hooks.open(run.key) }, thumbnail(run.key, 0, run.status === "completed" ? run.kinds?.[0] : "text", ""), make("span", {}, make("span", { class: "line" }, title(run)), make("span", { class: "facts" }, shortModel(run.model ?? "")))),
              ),
              make("td", {}, shortDay(run.billed)),
              make("td", { class: "amount" }, dollars(run.quote) || "-"),
              make("td", { class: `amount ${differs(run) ? "differs" : ""}` }, run.charged === undefined ? "not yet" : dollars(run.charged), differs(run) ? make("span", { class: "hidden" }, " (not what was quoted)") : null),
            ),
          ),
        ),
      ),
    );
  }
}

const differs = (run) => run.charged !== undefined && run.quote !== undefined && Math.abs(run.charged - run.quote) > 0.0005;

function lastDays(length) {
  const now = Date.now() / 1000;
  return Array.from({ length }, (_, index) => billDay(now - (length - 1 - index) * DAY));
}

function added(runs, days, by) {
  const sums = new Map(days.map((day) => [day, { day, sum: 0, parts: {} }]));
  for (const run of runs) {
    const amount = cost(run);
    const day = amount ? sums.get(run.billed) : undefined;
    if (!day) continue;
    const name = by === "model" ? run.model || "Unknown model" : run.project || "No project";
    day.sum += amount;
    day.parts[name] = (day.parts[name] ?? 0) + amount;
  }
  return [...sums.values()];
}

function rank(names, sums) {
  const cost = (name) => sums.reduce((all, day) => all + (day.parts[name] ?? 0), 0);
  const sorted = names.sort((one, other) => cost(other) - cost(one));
  return sorted.length > SERIES ? [...sorted.slice(0, SERIES - 1), OTHERS] : sorted;
}

function part(day, name, ranked) {
  if (name !== OTHERS) return day.parts[name] ?? 0;
  return Object.entries(day.parts).reduce((all, [one, amount]) => (ranked.includes(one) ? all : all + amount), 0);
}

const total = (sums, name, ranked) => sums.reduce((all, day) => all + part(day, name, ranked), 0);

function bars(days, sums, ranked) {
  const { width, height, left, right, top, bottom } = PLOT;
  const highest = scale(Math.max(...sums.map((day) => day.sum), 0));
  const y = (amount) => top + (height - top - bottom) * (1 - amount / highest);
  const step = (width - left - right) / days.length;
  const all = sums.reduce((one, day) => one + day.sum, 0);
  const plot = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${dollars(all)} in ${days.length} days; the table below has every amount.` });
  for (const share of [0, 0.5, 1]) {
    plot.append(
      drawn("line", { x1: left, x2: width - right, y1: y(highest * share), y2: y(highest * share), class: "line" }),
      drawn("text", { x: left - 8, y: y(highest * share) + 4, "text-anchor": "end" }, dollars(highest * share)),
    );
  }
  sums.forEach((day, index) => {
    let below = 0;
    const x = left + step * index + step * 0.18;
    ranked.forEach((name, series) => {
      const amount = part(day, name, ranked);
      if (!amount) return;
      const bar = drawn("rect", { x, y: y(below + amount), width: step * 0.64, height: Math.max(1, y(below) - y(below + amount) - 1), class: `series-${series}`, rx: 1.5 });
      bar.append(drawn("title", {}, `${shortDay(day.day)}, ${name}: ${dollars(amount)}`));
      plot.append(bar);
      below += amount;
    });
    const every = Math.ceil(days.length / 8);
    if ((days.length - 1 - index) % every === 0) plot.append(drawn("text", { x: left + step * (index + 0.5), y: height - 8, "text-anchor": "middle" }, shortDay(day.day)));
  });
  return plot;
}

// The next amount above the highest that reads well on an axis.
function scale(highest) {
  if (highest <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 4, 5, 8, 10].map((factor) => factor * unit).find((one) => one >= highest - 1e-9);
}

function table(days, sums, ranked, by) {
  const shown = sums.filter((day) => day.sum).reverse();
  return make(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": `Cost of each day by ${by}` },
    make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ["Day", ...ranked, "Together"].map((name) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, shown.map((day) => make("tr", {}, make("th", { scope: "row" }, shortDay(day.day)), ranked.map((name) => make("td", { class: "amount" }, dollars(part(day, name, ranked)) || "-")), make("td", { class: "amount" }, dollars(day.sum))))),
    ),
  );
}

function owed(runs) {
  const late = Date.now() / 1000 - RETURN_SECONDS;
  return runs.filter((run) => FAILED.has(run.status) && run.status !== "deleted" && run.charged > 0 && run.returned !== undefined && run.ended < late);
}

export function claim(runs) {
  const sum = runs.reduce((all, run) => all + run.charged, 0);
  const lines = runs.map((run) => `- ${run.key}, ${run.model}, ${run.status} at ${new Date(run.ended * 1000).toISOString()}, charged ${dollars(run.charged)}${run.error ? `: ${run.error}` : ""}`);
  return [
    `${count(runs.length, "prediction")} of my account failed, and the charge has not been returned within three hours (${dollars(sum)} in all):`,
    "",
    ...lines,
    "",
    `Please return ${runs.length === 1 ? "it" : "them"}. As of ${moment(Date.now() / 1000)}.`,
  ].join("\n");
}
