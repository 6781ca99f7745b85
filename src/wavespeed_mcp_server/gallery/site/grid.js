// The grid of runs under the names of their days. Only what is near the window is in the document.

import { byId, make } from "./dom.js";
import { count, dayName } from "./format.js";
import { Tile } from "./tile.js";

const NARROWEST = 208;
const NARROWEST_ON_A_PHONE = 150;
const GAP = 14;
const CAPTION = 50;
const HEADING = 56;
const BEYOND = 700;

export class Grid {
  constructor(hooks) {
    this.hooks = hooks;
    this.element = byId("grid");
    this.runs = [];
    this.rows = [];
    this.tiles = new Map();
    this.shown = new Map();
    this.columns = 1;
    this.current = "";
    this.width = 0;
    addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.resize()).observe(this.element);
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("focusin", (event) => this.focused(event));
  }

  // What is asked for anew is shown from its beginning; what changes by itself leaves what is in sight where it is.
  show(runs, anew) {
    const same = runs.length === this.runs.length && runs.every((run, index) => run.key === this.runs[index].key && run.day === this.runs[index].day);
    if (same && this.byKey) {
      this.runs = runs;
      this.refresh();
      return;
    }
    // Rows are made anew, and what had the focus must still have it.
    const focused = this.element.contains(document.activeElement) ? document.activeElement : null;
    const anchor = anew ? null : this.anchor();
    if (anew) scrollTo({ top: 0, behavior: "instant" });
    this.runs = runs;
    this.byKey = new Map(runs.map((run, index) => [run.key, index]));
    if (!this.byKey.has(this.current)) this.current = runs[0]?.key ?? "";
    this.arrange();
    this.hold(anchor);
    this.draw();
    if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  }

  // The first run in sight and where it stands: what comes in above it must not push it away.
  anchor() {
    if (scrollY < 10) return null;
    const top = scrollY - this.element.offsetTop;
    const row = this.rows.find((one) => one.runs && one.top + one.height > top);
    return row ? { key: this.runs[row.first]?.key, offset: row.top - top } : null;
  }

  hold(anchor) {
    const index = anchor && this.byKey.get(anchor.key);
    if (index === undefined || index === null) return;
    const row = this.rows.find((one) => one.runs && one.first <= index && index < one.first + one.runs);
    const wanted = Math.round(this.element.offsetTop + row.top - anchor.offset);
    if (Math.abs(wanted - scrollY) > 1) scrollTo({ top: wanted, behavior: "instant" });
  }

  resize() {
    if (Math.abs(this.element.clientWidth - this.width) < 1) return;
    const anchor = this.anchor();
    this.arrange();
    this.hold(anchor);
    this.draw();
  }

  arrange() {
    this.width = this.element.clientWidth;
    if (!this.width) return;
    const narrowest = this.width < 560 ? NARROWEST_ON_A_PHONE : NARROWEST;
    this.columns = Math.max(1, Math.floor((this.width + GAP) / (narrowest + GAP)));
    const side = (this.width - GAP * (this.columns - 1)) / this.columns;
    const height = Math.floor(side) + CAPTION + GAP;
    this.rows = [];
    let top = 0;
    for (let first = 0; first < this.runs.length; ) {
      const day = this.runs[first].day;
      let end = first;
      while (end < this.runs.length && this.runs[end].day === day) end += 1;
      this.rows.push({ day, amount: end - first, top, height: HEADING });
      top += HEADING;
      for (; first < end; first += this.columns) {
        this.rows.push({ first, runs: Math.min(this.columns, end - first), top, height });
        top += height;
      }
      first = end;
    }
    this.element.style.height = `${top}px`;
    this.element.style.setProperty("--columns", String(this.columns));
    this.element.setAttribute("aria-rowcount", String(this.rows.length));
    this.element.setAttribute("aria-colcount", String(this.columns));
    for (const row of this.shown.values()) row.remove();
    this.shown.clear();
  }

  draw() {
    if (!this.width || this.element.offsetParent === null) return;
    const top = scrollY - this.element.offsetTop;
    const from = this.rowAt(top - BEYOND);
    const to = this.rowAt(top + innerHeight + BEYOND);
    const focused = document.activeElement;
    for (const [index, row] of this.shown) {
      if (index >= from && index <= to) continue;
      // A row with the focus stays: the keyboard's place must not vanish under it.
      if (row.contains(focused)) continue;
      row.remove();
      this.shown.delete(index);
    }
    const used = new Set();
    for (let index = from; index <= to && index < this.rows.length; index += 1) this.drawRow(index);
    for (const row of this.shown.values()) for (const key of row.keys ?? []) used.add(key);
    for (const [key, tile] of this.tiles) {
      if (used.has(key)) continue;
      tile.leave();
      this.tiles.delete(key);
    }
    this.rove();
  }

  rowAt(height) {
    let low = 0;
    let high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rows[middle].top <= height) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  drawRow(index) {
    const facts = this.rows[index];
    let row = this.shown.get(index);
    if (!row) {
      row = make("div", { role: "row", "aria-rowindex": String(index + 1), class: facts.runs ? "row" : "row heading" });
      row.style.transform = `translateY(${facts.top}px)`;
      this.shown.set(index, row);
      const after = [...this.shown.keys()].filter((one) => one > index).sort((one, other) => one - other)[0];
      this.element.insertBefore(row, after === undefined ? null : this.shown.get(after));
    }
    if (!facts.runs) {
      if (!row.firstChild) {
        const name = make("h2", {}, dayName(facts.day));
        row.append(make("div", { role: "gridcell", "aria-colspan": String(this.columns) }, name, make("span", {}, count(facts.amount, "run"))));
      }
      return;
    }
    row.keys = [];
    for (let offset = 0; offset < facts.runs; offset += 1) {
      const run = this.runs[facts.first + offset];
      row.keys.push(run.key);
      const tile = this.tile(run);
      tile.element.setAttribute("aria-colindex", String(offset + 1));
      if (row.children[offset] !== tile.element) row.insertBefore(tile.element, row.children[offset] ?? null);
    }
    while (row.children.length > facts.runs) row.lastChild.remove();
  }

  tile(run) {
    let tile = this.tiles.get(run.key);
    if (!tile) {
      tile = new Tile(run, this.hooks);
      this.tiles.set(run.key, tile);
    }
    tile.update(run, this.hooks.selected(run.key), this.hooks.star(run.key));
    return tile;
  }

  refresh() {
    for (const [key, tile] of this.tiles) {
      const index = this.byKey.get(key);
      if (index !== undefined) tile.update(this.runs[index], this.hooks.selected(key), this.hooks.star(key));
    }
  }

  // One tile of the grid is in the order of the tab key; the arrow keys choose which.
  rove() {
    for (const [key, tile] of this.tiles) {
      const index = key === this.current ? "0" : "-1";
      tile.open.setAttribute("tabindex", index);
      tile.select.setAttribute("tabindex", index);
    }
    if (!this.tiles.has(this.current)) {
      const first = [...this.shown].sort(([one], [other]) => one - other).map(([, row]) => row).find((row) => row.keys?.length);
      const tile = first && this.tiles.get(first.keys[0]);
      tile?.open.setAttribute("tabindex", "0");
      tile?.select.setAttribute("tabindex", "0");
    }
  }

  focused(event) {
    for (const [key, tile] of this.tiles) {
      if (tile.element.contains(event.target) && key !== this.current) {
        this.current = key;
        this.rove();
      }
    }
  }

  key(event) {
    const index = this.byKey?.get(this.current);
    if (index === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(innerHeight / (this.rows.find((one) => one.runs)?.height ?? 300)));
    const moves = {
      ArrowRight: () => index + 1,
      ArrowLeft: () => index - 1,
      ArrowDown: () => this.below(index, 1),
      ArrowUp: () => this.below(index, -1),
      PageDown: () => this.below(index, page),
      PageUp: () => this.below(index, -page),
      Home: () => 0,
      End: () => this.runs.length - 1,
    };
    if (event.key === " " && event.target.closest(".open")) {
      event.preventDefault();
      this.hooks.select(this.current, !this.hooks.selected(this.current));
    } else if (moves[event.key]) {
      event.preventDefault();
      this.go(Math.min(this.runs.length - 1, Math.max(0, moves[event.key]())));
    }
  }

  below(index, rows) {
    const tiles = this.rows.filter((one) => one.runs);
    const at = tiles.findIndex((one) => one.first <= index && index < one.first + one.runs);
    const row = tiles[Math.min(tiles.length - 1, Math.max(0, at + rows))];
    return row.first + Math.min(index - tiles[at].first, row.runs - 1);
  }

  go(index) {
    const row = this.rows.find((one) => one.runs && one.first <= index && index < one.first + one.runs);
    this.current = this.runs[index].key;
    const head = document.querySelector(".top").offsetHeight;
    const top = this.element.offsetTop + row.top;
    if (top < scrollY + head + 8) scrollTo({ top: index ? top - head - 64 : 0, behavior: "instant" });
    else if (top + row.height > scrollY + innerHeight) scrollTo({ top: top + row.height - innerHeight + 16, behavior: "instant" });
    this.draw();
    this.tiles.get(this.current)?.open.focus({ preventScroll: true });
  }

  // Back to the tile of a run, wherever the focus was.
  focus(key) {
    const index = this.byKey?.get(key);
    if (index !== undefined) this.go(index);
  }
}
