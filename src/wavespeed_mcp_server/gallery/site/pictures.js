// Small pictures of what is in sight: few at a time, newest wish first, and those that left the page not at all.

import { fetchBlob } from "./server.js";

const AT_ONCE = 6;
const KEPT = 400;
const ready = new Map();
const wanted = new Map();
let underWay = 0;

// Calls `show` with the address of a small picture of an output, or `fail` with why there is none.
// Returns a function that takes the wish back.
export function small(key, index, show, fail) {
  const name = `${key}/${index}`;
  const known = ready.get(name);
  if (known) {
    ready.delete(name);
    ready.set(name, known);
    show(known);
    return () => {};
  }
  const wish = { name, show, fail };
  wanted.set(wish, name);
  queueMicrotask(next);
  return () => wanted.delete(wish);
}

export function forget(key) {
  for (const name of [...ready.keys()]) if (name.startsWith(`${key}/`)) drop(name);
}

function drop(name) {
  URL.revokeObjectURL(ready.get(name));
  ready.delete(name);
}

async function next() {
  while (underWay < AT_ONCE && wanted.size) {
    const name = [...wanted.values()].at(-1);
    const wishes = [...wanted].filter(([, one]) => one === name).map(([wish]) => wish);
    for (const wish of wishes) wanted.delete(wish);
    underWay += 1;
    load(name, wishes).finally(() => {
      underWay -= 1;
      next();
    });
  }
}

async function load(name, wishes) {
  try {
    if (!ready.has(name)) {
      const blob = await fetchBlob(`/media/${name}/small`);
      if (!blob.size) throw new Error("There is no small picture of it.");
      ready.set(name, URL.createObjectURL(blob));
    }
    while (ready.size > KEPT) drop(ready.keys().next().value);
    for (const wish of wishes) wish.show(ready.get(name));
  } catch (error) {
    for (const wish of wishes) wish.fail(error.message);
  }
}
