// What an agent does, through a TypeScript client: node workflow.mjs KIND PYTHON PICTURE, or over HTTP
// node workflow.mjs KIND URL PICTURE KEY
//
// KIND is old, legacy or auto. The server's settings are in the environment. Ends with an error where something
// is not as it should be; prints {tools, timeoutMs, lost} as JSON otherwise.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connect } from "./connecting.mjs";

const [kind, where, picture, key] = process.argv.slice(2);
const MODEL = "sandbox/paint";
const server = await (key
  ? connect(kind, where, key)
  : connect(kind, where, ["-m", "wavespeed_mcp_server"], { ...process.env }));
const called = new Set();

async function call(name, input, options) {
  called.add(name);
  const result = await server.call(name, input, options);
  assert.ok(!result.isError, `${name}: ${JSON.stringify(result.content)}`);
  return result.structuredContent ?? result.content;
}

async function refused(name, input) {
  const result = await server.call(name, input);
  assert.equal(result.isError, true, `${name} was not refused`);
  return result.content[0].text;
}

const tools = (await server.tools()).map((tool) => tool.name);

// Find, know, price.
const found = await call("list_models", { query: "text to image" });
assert.ok(found.models.some((model) => model.model_id === MODEL), JSON.stringify(found));
const sheet = await call("get_model", { model: MODEL });
assert.ok(sheet.required.includes("prompt"));
assert.ok((await call("estimate_price", { model: MODEL, input: { prompt: "quick" } })).price > 0);
assert.match(await refused("generate", { model: MODEL, input: { promt: "quick" } }), /promt/);

// Run.
const quick = await call("generate", { model: MODEL, input: { prompt: "quick" } });
assert.equal(quick.status, "completed");
const several = await call("generate_batch", { requests: [1, 2].map((seed) => ({ model: MODEL, input: { prompt: "quick", seed } })) });
assert.equal(several.completed, 2);

// Outlive the wait.
const slow = await call("generate", { model: MODEL, input: { prompt: "slow" }, wait_seconds: 0.1 });
assert.notEqual(slow.status, "completed");
assert.ok(slow.next.includes("check_status") && slow.next.includes(slow.id));
const later = await call("check_status", { ids: [slow.id], wait_seconds: 50 });
assert.equal(later.predictions[0].status, "completed");

// Be cut off by the host as soon as the task runs, and make the same call again.
const giveUp = new AbortController();
const onprogress = ({ message }) => {
  if (/\(\S+\)/.test(message ?? "")) giveUp.abort("the host lost its patience");
};
const wish = { model: MODEL, input: { prompt: "lost" } };
await assert.rejects(server.call("generate", wish, { onprogress, signal: giveUp.signal }));
// A host takes a moment before it calls again; over HTTP a cancel travels beside what follows it.
await call("get_balance", {});
const again = await call("generate", wish);
assert.equal(again.status, "completed");
assert.match(again.next, /nothing was bought again/);

// Everything else, so that every result has met its output schema.
await call("list_predictions", { limit: 5 });
await call("get_balance", {});
await call("get_usage", {});
if (key) {
  const { url } = await call("create_upload", { name: "picture.png" });
  const answer = await fetch(url, { method: "PUT", body: await readFile(picture) });
  assert.ok(answer.ok && (await answer.json()).url);
} else {
  await call("upload_file", { path: picture });
  assert.equal((await call("download_outputs", { ids: [quick.id] })).saved.length, 1);
}
assert.ok((await call("view_output", { id: quick.id })).some((block) => block.type === "image"));
assert.deepEqual((await call("delete_predictions", { ids: [slow.id] })).deleted, [slow.id]);
assert.deepEqual([...called].sort(), [...tools].sort());

await server.close();
console.log(JSON.stringify({ tools, timeoutMs: server.timeoutMs, lost: again.id }));
