// node drive.mjs '{"era": "modern" | "legacy", "python": ..., "browserPath": ..., "shots"?: DIR, "only"?: TEXT}'
// Runs every scenario and prints one JSON object: name -> "passed", or what went wrong.
import { openStage } from "./stage.mjs";
import { scenarios } from "./scenarios.mjs";

const options = JSON.parse(process.argv[2]);
const stage = await openStage(options);
const report = {};
try {
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (options.only && !name.includes(options.only)) continue;
    await stage.control("settings", { run_seconds: 0 });
    try {
      const view = await scenario(stage);
      await view.close();
      report[name] = "passed";
    } catch (error) {
      report[name] = String(error.stack).slice(0, 2000);
    }
  }
} finally {
  await stage.close();
}
console.log(JSON.stringify(report));
process.exit(0);
