// The runs, kept up to date by asking the server again and again for what is newer.

import { billDay, dayOf } from "./format.js";
import { Refusal, get } from "./server.js";

const WAIT_SECONDS = 20;
const FIRST = 240;
const AFTER_FAULT_MS = 2000;

export const feed = { runs: new Map(), news: {}, sorted: [], total: 0, lost: "" };

const newestFirst = (one, other) => other.at - one.at || (one.key < other.key ? 1 : -1);

function take(answer) {
  if (answer.whole) feed.runs.clear();
  for (const key of answer.gone) feed.runs.delete(key);
  for (const run of answer.runs) {
    run.day = dayOf(run.at);
    run.billed = billDay(run.at);
    run.found = `${run.prompt ?? ""} ${run.model} ${run.key}`.toLowerCase();
    feed.runs.set(run.key, run);
  }
  feed.news = answer.news;
  feed.total = answer.total;
  if (answer.whole || answer.runs.length || answer.gone.length) feed.sorted = [...feed.runs.values()].sort(newestFirst);
}

// Calls `changed` with the keys that are different after every answer with something new in it. Never returns.
export async function follow(changed) {
  let revision = 0;
  let first = true;
  for (;;) {
    try {
      // The newest alone are there at once, also where thousands follow.
      const answer = await get(first ? `/data/runs?newest=${FIRST}` : `/data/runs?after=${revision}&wait=${WAIT_SECONDS}`);
      const news = first || answer.revision !== revision || feed.lost;
      first = false;
      revision = answer.revision;
      feed.lost = "";
      if (news) {
        take(answer);
        changed(answer.whole ? null : new Set([...answer.gone, ...answer.runs.map((run) => run.key)]));
      }
    } catch (error) {
      feed.lost = error instanceof Refusal ? error.message : "The gallery's server has stopped. Run `wavespeed-mcp-server gallery` again.";
      changed(new Set());
      await new Promise((again) => setTimeout(again, AFTER_FAULT_MS));
    }
  }
}
