// Puts the page together: what is shown follows the address's hash, the runs follow the server.

import { Compare } from "./compare.js";
import { byId, make, say } from "./dom.js";
import { feed, follow } from "./feed.js";
import * as filters from "./filters.js";
import { DAY, count } from "./format.js";
import { Grid } from "./grid.js";
import { Large } from "./large.js";
import { forget } from "./pictures.js";
import { change } from "./server.js";
import { Spending } from "./spending.js";

const MOST_COMPARED = 4;
const selected = new Set();
let stars = new Set();

const grid = new Grid({
  open: (key) => go(`run/${encodeURIComponent(key)}`),
  select,
  selected: (key) => selected.has(key),
  star: (key) => stars.has(key),
});
const large = new Large({ close: () => go("runs"), move, open: (key) => go(`run/${encodeURIComponent(key)}`), save, remove });
const compare = new Compare({ close: () => go("runs"), open: (key) => go(`run/${encodeURIComponent(key)}`) });
const spending = new Spending({ open: (key) => go(`run/${encodeURIComponent(key)}`) });

let place = "";
let before = "";

function go(hash) {
  location.hash = hash;
}

function route() {
  const [page, rest = ""] = location.hash.slice(1).split("/");
  const keys = rest.split(",").map(decodeURIComponent).filter(Boolean);
  const over = page === "run" || page === "compare";
  if (!over) before = page === "spending" ? "spending" : "runs";
  const under = before || "runs";
  byId("runs").hidden = under !== "runs";
  byId("spending").hidden = under !== "spending";
  byId("filters").hidden = under !== "runs";
  for (const name of ["runs", "spending"]) {
    if (name === under) byId(`to-${name}`).setAttribute("aria-current", "page");
    else byId(`to-${name}`).removeAttribute("aria-current");
  }
  document.title = under === "spending" ? "Spending - Gallery" : "Gallery";
  const was = place;
  place = page;
  if (page === "run") large.show(keys[0]);
  else if (large.hide()) back(large.key);
  if (page === "compare") compare.show(keys);
  else compare.hide();
  if (under === "spending" && !over) spending.draw();
  bar();
  if (under === "runs" && was !== page) grid.draw();
}

function back(key) {
  if (before === "runs") grid.focus(key);
}

function move(key, step) {
  const runs = grid.runs;
  const index = runs.findIndex((run) => run.key === key);
  return index < 0 ? undefined : runs[index + step]?.key;
}

function select(key, on) {
  if (on) selected.add(key);
  else selected.delete(key);
  grid.refresh();
  bar();
}

function bar() {
  for (const key of [...selected]) if (!feed.runs.has(key)) selected.delete(key);
  const place = byId("selection");
  place.hidden = !selected.size || before !== "runs";
  if (place.hidden) return;
  const keys = [...selected];
  const comparable = keys.length >= 2 && keys.length <= MOST_COMPARED;
  place.replaceChildren(
    make("p", {}, `${keys.length} selected`),
    make(
      "button",
      { type: "button", class: "main", disabled: !comparable, onclick: () => go(`compare/${keys.map(encodeURIComponent).join(",")}`) },
      keys.length > MOST_COMPARED ? "Compare up to 4" : keys.length < 2 ? "Compare (select another)" : "Compare",
    ),
    make("button", { type: "button", onclick: () => save(keys) }, "Save"),
    make("button", { type: "button", class: "danger", onclick: () => remove(keys) }, "Delete…"),
    make("button", { type: "button", class: "quiet", onclick: clear }, "Clear"),
  );
}

function clear() {
  selected.clear();
  grid.refresh();
  bar();
}

async function save(keys, expiring = false) {
  try {
    const { saving } = await change("save", expiring ? { expiring: true } : { keys });
    say(saving ? `Saving ${count(saving, "run")}` : "All of it is saved already.");
  } catch (error) {
    say(error.message);
  }
}

// Asked twice: the person here, and the server takes only what it named itself.
async function remove(keys) {
  let asked;
  try {
    asked = await change("delete", { keys });
  } catch (error) {
    say(error.message);
    return false;
  }
  const dialog = byId("confirm");
  const unsaved = keys.filter((key) => filters.unsaved(feed.runs.get(key) ?? {})).length;
  const lost = unsaved ? ` ${count(unsaved, "of them is", "of them are")} not saved on this machine.` : "";
  const text = `Their outputs are deleted at the API for good; nothing brings them back.${lost} Files saved on this machine stay.`;
  return new Promise((answer) => {
    const done = async (yes) => {
      dialog.close();
      if (yes) {
        try {
          const { deleted } = await change("delete", { keys, confirm: asked.confirm });
          say(`${count(deleted, "run")} deleted`);
          clear();
        } catch (error) {
          say(error.message);
        }
      }
      answer(yes);
    };
    dialog.replaceChildren(
      make("h2", { id: "confirm-title" }, `Delete ${count(asked.runs, "run")}?`),
      make("p", { id: "confirm-text" }, text),
      make(
        "div",
        { class: "buttons" },
        make("button", { type: "button", autofocus: true, onclick: () => done(false) }, "Keep"),
        make("button", { type: "button", class: "danger main", onclick: () => done(true) }, "Delete for good"),
      ),
    );
    dialog.oncancel = () => answer(false);
    dialog.showModal();
  });
}

function notices() {
  const now = Date.now() / 1000;
  const expiring = feed.sorted.filter((run) => filters.unsaved(run) && leaving(run, now) && !run.saving);
  const saving = feed.sorted.filter((run) => run.saving).length;
  const failed = feed.sorted.filter((run) => run.trouble);
  const found = [];
  if (feed.lost) found.push(notice("bad", feed.lost));
  if (expiring.length) {
    found.push(
      notice(
        "warn",
        `${count(expiring.length, "run has", "runs have")} outputs that are deleted within a day and are not saved.`,
        make("button", { type: "button", class: "main", id: "save-expiring", onclick: () => save([], true) }, expiring.length === 1 ? "Save it" : `Save all ${expiring.length.toLocaleString("en-US")}`),
      ),
    );
  }
  if (saving) found.push(notice("", `Saving ${count(saving, "run")}…`));
  if (failed.length) found.push(notice("bad", `${count(failed.length, "run")} could not be saved: ${failed[0].trouble}`));
  for (const name of ["account", "ledger"]) if (feed.news[name]) found.push(notice("", feed.news[name]));
  const place = byId("notices");
  const signature = found.map((one) => one.textContent).join("\n");
  if (place.dataset.signature !== signature) {
    place.dataset.signature = signature;
    place.replaceChildren(...found);
  }
}

const leaving = (run, now) => now > run.at + 6 * DAY && now < run.at + 7 * DAY;

const notice = (look, text, ...rest) => make("div", { class: `notice ${look}`, role: look ? "alert" : "status" }, make("p", {}, text), ...rest);

function draw(anew = false) {
  const shown = filters.chosen();
  byId("count").textContent = filters.summary(shown);
  const nothing = byId("nothing");
  nothing.hidden = shown.length > 0;
  nothing.textContent = feed.sorted.length ? "No run is like that." : "No runs yet. What agents and commands make on this machine appears here while it is made.";
  if (!byId("runs").hidden) grid.show(shown, anew);
}

function changed(keys) {
  stars = filters.picked();
  for (const key of keys ?? []) if (!feed.runs.has(key)) forget(key);
  filters.refresh();
  draw();
  notices();
  bar();
  large.changed(keys);
  compare.changed(keys);
  if (!byId("spending").hidden) spending.draw();
}

filters.setUp(() => draw(true));
addEventListener("hashchange", route);
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea, dialog");
  if (event.key === "/" && !typing && before === "runs") {
    event.preventDefault();
    byId("search").focus();
  }
});
setInterval(notices, 60_000);
route();
follow(changed);

