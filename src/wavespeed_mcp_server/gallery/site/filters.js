// Which runs are shown: words of the prompt, model, kind, day, status, project.

import { byId, make } from "./dom.js";
import { feed } from "./feed.js";
import { KIND_NAMES, count, dayName, statusName } from "./format.js";

const NAMES = ["model", "kind", "day", "status", "project"];
const ALL = { model: "All models", kind: "All kinds", day: "All days", status: "All statuses", project: "All projects" };
const VALUES = {
  model: (run) => [run.model],
  kind: (run) => run.kinds ?? [],
  day: (run) => [run.day],
  status: (run, stars) => [run.status, ...(stars.has(run.key) ? ["picked"] : []), ...(unsaved(run) ? ["unsaved"] : [])],
  project: (run) => [run.project ?? ""],
};
const LABELS = {
  model: (value) => value || "Unknown model",
  kind: (value) => KIND_NAMES[value] ?? value,
  day: dayName,
  status: (value) => ({ picked: "Picked", unsaved: "Not saved" })[value] ?? capital(statusName(value)),
  project: (value) => value || "No project",
};
const ORDERS = {
  day: (one, other) => (one < other ? 1 : -1),
  status: (one, other) => rank(one) - rank(other),
};
const STATUSES = ["completed", "processing", "failed", "cancelled", "timeout", "deleted", "unknown", "unsaved", "picked"];

const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
const rank = (status) => (STATUSES.includes(status) ? STATUSES.indexOf(status) : STATUSES.length);
const control = (name) => byId(`by-${name}`);

export const picked = () => new Set(Object.values(feed.news.picks ?? {}));
export const unsaved = (run) =>
  run.status === "completed" && !run.saved && !run.gone && Boolean(run.outputs || run.unasked) && run.kinds?.some((kind) => kind !== "text");

export function setUp(changed) {
  for (const name of NAMES) control(name).addEventListener("change", changed);
  byId("search").addEventListener("input", changed);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", () => setTimeout(changed));
  byId("more-filters").addEventListener("click", () => {
    const open = byId("filter-row").classList.toggle("open");
    byId("more-filters").setAttribute("aria-expanded", String(open));
  });
}

// The choices as the runs now have them, each with how many it would show.
export function refresh() {
  const counts = Object.fromEntries(NAMES.map((name) => [name, new Map()]));
  const stars = picked();
  for (const run of feed.sorted) {
    for (const name of NAMES) {
      for (const value of VALUES[name](run, stars)) counts[name].set(value, (counts[name].get(value) ?? 0) + 1);
    }
  }
  for (const name of NAMES) choices(name, counts[name]);
}

function choices(name, counts) {
  const select = control(name);
  const chosen = select.value;
  const order = ORDERS[name] ?? ((one, other) => (one < other ? -1 : 1));
  const values = [...counts.keys()].sort(order);
  const signature = JSON.stringify(values.map((value) => [value, counts.get(value)]));
  select.hidden = name === "project" && values.every((value) => !value);
  if (select.dataset.signature === signature || document.activeElement === select) return;
  select.dataset.signature = signature;
  select.replaceChildren(
    make("option", { value: "" }, ALL[name]),
    ...values.map((value) =>
      make("option", { value: `=${value}` }, `${LABELS[name](value)} (${counts.get(value).toLocaleString("en-US")})`),
    ),
  );
  select.value = chosen && values.includes(chosen.slice(1)) ? chosen : "";
}

export function chosen() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = NAMES.map((name) => [name, control(name).value]).filter(([, value]) => value);
  byId("clear").hidden = !words.length && !wanted.length;
  byId("more-filters").textContent = wanted.length ? `Filters (${wanted.length})` : "Filters";
  if (!words.length && !wanted.length) return feed.sorted;
  const stars = picked();
  return feed.sorted.filter(
    (run) =>
      words.every((word) => run.found.includes(word)) &&
      wanted.every(([name, value]) => VALUES[name](run, stars).includes(value.slice(1))),
  );
}

export function summary(shown) {
  const running = feed.sorted.filter((run) => run.status === "processing").length;
  const all = feed.total;
  const runs = shown === feed.sorted ? count(all, "run") : `${shown.length.toLocaleString("en-US")} of ${count(all, "run")}`;
  return running ? `${runs}, ${running} running` : runs;
}

