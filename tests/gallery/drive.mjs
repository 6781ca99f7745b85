// node drive.mjs '{"link": ..., "browserPath": ..., "shots"?: DIR}'
// Looks at a gallery of ten thousand runs as a person does. Prints one JSON object: name -> "passed", or what was wrong.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const options = JSON.parse(process.argv[2]);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: options.browserPath, args: QUIET });
const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, permissions: ["clipboard-read", "clipboard-write"], timezoneId: "Pacific/Kiritimati" });
const page = await context.newPage();
const errors = [];
page.on("pageerror", (error) => errors.push(error.message));
page.on("console", (message) => /Content Security Policy|Trusted/i.test(message.text()) && errors.push(message.text()));

async function faults() {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run());
  return found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`);
}
const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
const shot = (name) => options.shots && page.screenshot({ path: `${options.shots}/${name}.png` });
const tiles = page.locator(".tile .open");

const scenarios = {
  async "the link opens the page, with the newest runs of all of them in sight"() {
    await page.goto(options.link);
    await tiles.first().waitFor();
    await page.locator("#count", { hasText: "10,006 runs" }).waitFor();
    assert.match(await tiles.first().textContent(), /made just now/);
    assert.ok((await tiles.count()) < 200);
  },
  async "a picture is shown, not its name alone"() {
    const image = page.locator(".tile img").first();
    await image.waitFor();
    assert.ok(await image.evaluate((shown) => shown.complete && shown.naturalWidth > 0));
  },
  async "the far end of the grid is reached by keyboard and only what is near is in the document"() {
    await tiles.first().focus();
    await page.keyboard.press("End");
    await page.locator(".tile .open:focus", { hasText: "leaves soon 0" }).waitFor();
    assert.ok((await tiles.count()) < 200);
    await page.keyboard.press("Home");
    await page.locator(".tile .open:focus", { hasText: "made just now" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.locator(".tile .open:focus", { hasText: "sculpt" }).waitFor();
  },
  async "words of a prompt and the filters narrow the runs"() {
    await page.keyboard.press("/");
    await page.keyboard.type("fox snow");
    await page.waitForFunction(() => /^\d+ of 10,00/.test(document.getElementById("count").textContent));
    for (const text of await tiles.allTextContents()) assert.match(text, /fox in snow/);
    await page.getByLabel("Status").selectOption("=failed");
    await page.waitForFunction(() => [...document.querySelectorAll(".tile .open")].every((tile) => tile.textContent.includes("failed")));
    await page.getByRole("button", { name: "Clear" }).click();
    await page.locator("#count", { hasText: /^10,00\d runs/ }).waitFor();
  },
  async "the large view tells what made a run, and copies the call"() {
    await tiles.first().click();
    const large = page.getByRole("dialog");
    await large.locator("img").first().waitFor();
    assert.match(await large.textContent(), /sandbox\/paint/);
    assert.match(await large.textContent(), /Seed7/);
    await large.getByRole("button", { name: "Copy generate call" }).click();
    await page.locator("#said.shown").waitFor();
    const call = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(JSON.parse(call.slice("generate(".length, -1)).input.prompt, "made just now");
    await large.getByRole("button", { name: "Copy as input" }).click();
    await page.locator("#said", { hasText: "Input copied" }).waitFor();
    assert.deepEqual(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), { prompt: "made just now", seed: 7 });
    assert.deepEqual(await faults(), []);
    await page.keyboard.press("Escape");
    await page.locator(".tile .open:focus", { hasText: "made just now" }).waitFor();
  },
  async "a model in 3D has a poster and a download that is the file"() {
    await page.locator(".tile .open", { hasText: "sculpt" }).click();
    const large = page.getByRole("dialog");
    await large.locator(".poster", { hasText: "3D" }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), large.getByRole("button", { name: "Download" }).first().click()]);
    assert.equal(readFileSync(await download.path()).subarray(0, 4).toString(), "glTF");
    assert.match(download.suggestedFilename(), /\.glb$/);
    await large.getByRole("button", { name: "Made from: a teapot" }).waitFor();
    await shot("3d");
    await page.keyboard.press("Escape");
  },
  async "what leaves within a day is warned of, and one click saves all of it"() {
    const notice = page.locator(".notice", { hasText: "deleted within a day" });
    await notice.waitFor();
    assert.match(await notice.textContent(), /2 runs have outputs/);
    await shot("leaving");
    assert.deepEqual(await faults(), []);
    await notice.getByRole("button", { name: "Save all 2" }).click();
    await notice.waitFor({ state: "detached" });
    await page.getByLabel("Search prompts").fill("leaves soon");
    await page.locator(".tile .mark").nth(1).waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
  },
  async "two runs stand side by side and the pick is remembered"() {
    await tiles.first().focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Compare" }).click();
    const pick = page.getByRole("radio").first();
    await pick.check();
    await page.locator("#said", { hasText: "remembered" }).waitFor();
    assert.deepEqual(await faults(), []);
    await page.reload();
    await page.locator(".column.picked").waitFor();
    assert.ok(await page.getByRole("radio").first().isChecked());
    await page.keyboard.press("Escape");
  },
  async "spending shows a plot, its table and the dearest runs"() {
    await page.getByRole("link", { name: "Spending" }).click();
    await page.locator(".plot rect").first().waitFor();
    await page.getByText("As a table").click();
    assert.ok((await page.locator(".plot tbody tr").count()) >= 6);
    const today = () => new Date().toLocaleDateString("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
    const before = today();
    const newest = await page.locator(".plot tbody th").first().textContent();
    assert.ok([before, today()].includes(newest), `${newest} is no day of UTC's`);
    assert.ok((await page.locator(".dearest tbody tr").count()) > 5);
    assert.match(await page.locator(".numbers").textContent(), /Budget left/);
    assert.deepEqual(await faults(), []);
    await shot("spending");
  },
  async "money that has not come back is claimed with a text to copy"() {
    const claim = page.locator("#spending section", { hasText: "has not come back" }).first();
    await claim.scrollIntoViewIfNeeded();
    await shot("claim");
    await claim.getByRole("button", { name: /copy/i }).click();
    await page.locator("#said.shown").waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(text, /sandbox\/paint, failed at .*charged \$0\.02: The worker was lost\./);
    await page.getByRole("link", { name: "Runs", exact: true }).click();
  },
  async "it fits a phone and a dark room, and axe finds nothing"() {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1360, 390, 320]) {
        await page.setViewportSize({ width, height: 844 });
        await tiles.first().waitFor();
        assert.ok((await wide()) <= 0, `wider than ${width}`);
        assert.deepEqual(await faults(), [], `${colorScheme} ${width}`);
        await shot(`${colorScheme}-${width}`);
      }
    }
  },
  async "nothing failed on the way"() {
    assert.deepEqual(errors, []);
  },
};

const report = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  try {
    await scenario();
    report[name] = "passed";
  } catch (error) {
    report[name] = String(error.stack).slice(0, 1500);
  }
}
await browser.close();
console.log(JSON.stringify(report));
process.exit(0);
