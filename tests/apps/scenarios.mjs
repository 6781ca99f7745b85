// What the gallery must do, one behaviour each. Run by drive.mjs in both protocol eras.
import { deepStrictEqual as same, ok, strictEqual as equal } from "node:assert";
import { show } from "./stage.mjs";

const PAINT = "sandbox/paint", FILM = "sandbox/film-2.1/text-to-video";
const WAIT = { timeout: 20_000 };
const paint = (prompt, more = {}) => ({ model: PAINT, input: { prompt, ...more } });
const text = content => content.trim().replace(/\s+/g, " ");
const says = (view, pattern) => view.inner.waitForFunction(
  source => new RegExp(source).test(document.querySelector("#status").textContent), pattern.source, WAIT);
const loaded = (view, count) => view.inner.waitForFunction(
  wanted => [...document.querySelectorAll("img")].filter(one => one.naturalWidth > 0).length === wanted, count, WAIT);

async function generated(stage, tool, input, options = {}) {
  const result = await stage.call(tool, input);
  return { result, view: await show(stage, { tool, input, result, ...options }) };
}

export const scenarios = {
  async "images are shown with prompt, model, price and status"(stage) {
    const { view } = await generated(stage, "generate", paint("a lighthouse at dusk", { num_images: 2, size: "640*480" }));
    await loaded(view, 2);
    const sizes = await view.inner.evaluate(() => [...document.images].map(one => [one.naturalWidth, one.naturalHeight]));
    same(sizes, [[640, 480], [640, 480]]);
    equal(await view.app.locator("img").first().getAttribute("alt"), "a lighthouse at dusk, 1 of 2");
    await says(view, /1 done · \$0\.036/);
    const tile = text(await view.tiles.first().innerText());
    for (const part of ["a lighthouse at dusk", "completed", "1 of 2", PAINT, "$0.036"]) ok(tile.includes(part), `${part} in ${tile}`);
    same(view.violations(), []);
    same(view.trouble, []);
    await view.shot("images");
    return view;
  },

  async "every medium has its player, and a 3D file its download"(stage) {
    const picture = (await stage.call("generate", paint("a chair"))).structuredContent.outputs[0];
    const requests = [
      paint("an orange cat on a windowsill, morning light", { size: "768*512" }),
      { model: FILM, input: { prompt: "waves rolling onto a dark beach at night, slow camera" } },
      { model: "sandbox/compose", input: { prompt: "a calm piano piece", duration: 5 } },
      { model: "sandbox/sculpt", input: { image: picture } },
      { model: "sandbox/write", input: { prompt: "A haiku about the sea" } },
      { model: "sandbox/transcribe", input: { audio: picture.replace(".png", ".wav"), enable_timestamps: true } },
      { model: "sandbox/flaky", input: { prompt: "something refused" } },
      paint("a very long prompt that tells of a market square in the rain, of umbrellas, bicycles, lanterns, puddles " +
        "with reflections, and of a dog that waits", { size: "512*768" }),
    ];
    const { view, result } = await generated(stage, "generate_batch", { requests, wait_seconds: 60 });
    const states = result.structuredContent.predictions.map(one => one.status);
    await loaded(view, 2);
    await view.inner.waitForFunction(() => document.querySelector("video")?.readyState >= 1 &&
      document.querySelector("audio")?.readyState >= 1, null, WAIT);
    const media = await view.inner.evaluate(() => {
      const video = document.querySelector("video"), audio = document.querySelector("audio");
      return [video.videoWidth, video.duration > 1, audio.duration > 1, video.controls, audio.controls];
    });
    same(media, [256, true, true, true, true]);
    equal(await view.app.locator("video").getAttribute("aria-label"), requests[1].input.prompt);
    const model = text(await view.tiles.nth(3).innerText());
    ok(/glb/i.test(model) && model.includes("Download"), model);
    ok((await view.tiles.nth(4).innerText()).includes("A haiku about the sea"));
    equal(states[6], "failed");
    const refused = await view.tiles.nth(6).innerText();
    ok(/failed/i.test(refused) && refused.length > 60, refused);
    same(view.violations(), []);
    await view.shot("media-light");
    await view.page.evaluate(() => window.bridge.setHostContext({ theme: "dark" }));
    await view.page.evaluate(() => document.body.classList.add("dark"));
    await view.inner.waitForFunction(() => document.documentElement.dataset.theme === "dark", null, WAIT);
    await view.shot("media-dark");
    await view.page.setViewportSize({ width: 380, height: 900 });
    await view.page.evaluate(() => { document.querySelector("#app").style.width = "340px"; });
    await view.shot("media-narrow");
    return view;
  },

  async "a grid fills in while tasks finish"(stage) {
    await stage.control("settings", { run_seconds: 1.5 });
    const requests = [paint("a red kite"), paint("a blue kite"), paint("a green kite")];
    const input = { requests, wait_seconds: 0 };
    const view = await show(stage, { tool: "generate_batch", input });
    equal(await view.tiles.count(), 3);
    await view.shot("starting");
    await view.result(await stage.call("generate_batch", input));
    await says(view, /3 running/);
    equal(await view.app.locator("img").count(), 0);
    await view.shot("running");
    await loaded(view, 3);
    await says(view, /3 done/);
    const called = (await view.asked("tool")).filter(one => one.name !== "estimate_price");
    ok(called.length && called.every(one => one.name === "check_status" && one.arguments.ids.length <= 3));
    await view.page.waitForFunction(() => window.asked.some(([what]) => what === "context"), null, WAIT);
    const [context] = await view.asked("context");
    ok(context.content[0].text.includes(called[0].arguments.ids[0]));
    equal(await view.status.getAttribute("role"), "status");
    return view;
  },

  async "a blocked host gives a tile that says so, and is never reached"(stage) {
    const before = stage.stray.hits;
    const outputs = [`${stage.stranger}/a.png`, `${stage.stranger}/a.mp4`, `${stage.stranger}/a.mp3`];
    const view = await show(stage, { result: crafted({ id: "nobody-knows-it", outputs }) });
    await view.app.getByText("Not shown here").nth(2).waitFor(WAIT);
    equal(await view.app.locator("img, video, audio").count(), 0);
    equal(stage.stray.hits, before);
    equal(await view.app.getByRole("button", { name: /^Open/ }).count(), 3);
    await view.shot("blocked");
    return view;
  },

  async "an image whose host is blocked is shown from the server's small copy"(stage) {
    const { view } = await generated(stage, "generate", paint("a snowy owl", { size: "1536*1536" }), { csp: {} });
    await loaded(view, 1);
    same(await view.inner.evaluate(() => [document.images[0].src.slice(0, 11), document.images[0].naturalWidth]),
      ["data:image/", 1024]);
    same((await view.asked("tool")).map(one => one.name).filter(one => one !== "estimate_price"), ["view_output"]);
    return view;
  },

  async "an image that came as base64 and is kept on disk is shown, with its path"(stage) {
    const { view, result } = await generated(stage, "generate", paint("a stone", { enable_base64_output: true }));
    const [path] = result.structuredContent.outputs;
    ok(path.startsWith(process.env.HOME) && path.endsWith(".png"), path);
    await loaded(view, 1);
    ok((await view.tiles.first().innerText()).includes(path));
    same(await view.app.getByRole("button").allInnerTexts(), ["Copy path", "Run again"]);
    return view;
  },

  async "it is worked by keyboard alone"(stage) {
    const { view, result } = await generated(stage, "generate", paint("a quiet harbour"));
    await loaded(view, 1);
    const [url] = result.structuredContent.outputs;
    await view.inner.evaluate(() => window.focus());
    await view.page.keyboard.press("Tab");
    const focused = () => view.inner.evaluate(() => {
      const ring = getComputedStyle(document.activeElement);
      return [document.activeElement.ariaLabel, ring.outlineStyle, ring.outlineWidth];
    });
    same(await focused(), ["Open: a quiet harbour", "solid", "2px"]);
    await view.page.keyboard.press("Enter");
    await view.page.waitForFunction(() => window.asked.some(([what]) => what === "open-link"), null, WAIT);
    same(await view.asked("open-link"), [{ url }]);
    await view.page.keyboard.press("Tab");
    same(await focused(), ["Copy link: a quiet harbour", "solid", "2px"]);
    await view.page.keyboard.press("Enter");
    await says(view, /Copied/);
    same(await focused(), ["Copy link: a quiet harbour", "solid", "2px"]);
    equal(await view.app.locator("input").count(), 0);
    await view.app.getByRole("button", { name: /^Run again/ }).focus();
    await view.shot("keyboard");
    equal(await view.app.getByRole("list").count(), 1);
    equal(await view.app.getByRole("listitem", { name: "a quiet harbour: completed" }).count(), 1);
    equal(await view.app.getByRole("main").count(), 1);
    return view;
  },

  async "light, dark and the host's own colours are taken on"(stage) {
    const { view } = await generated(stage, "generate", paint("a fern"), { theme: "light" });
    const colours = () => view.inner.evaluate(() => {
      const tile = getComputedStyle(document.querySelector(".tile"));
      return [tile.backgroundColor, tile.color, getComputedStyle(document.body).backgroundColor];
    });
    same(await colours(), ["rgb(255, 255, 255)", "rgb(27, 27, 26)", "rgba(0, 0, 0, 0)"]);
    await view.page.evaluate(() => window.bridge.setHostContext({ theme: "dark" }));
    await view.inner.waitForFunction(() => document.documentElement.dataset.theme === "dark", null, WAIT);
    same((await colours()).slice(0, 2), ["rgb(30, 30, 29)", "rgb(243, 243, 240)"]);
    await view.page.evaluate(() => window.bridge.setHostContext({
      theme: "dark", styles: { variables: { "--color-background-primary": "rgb(1, 2, 3)" } },
    }));
    await view.inner.waitForFunction(
      () => getComputedStyle(document.querySelector(".tile")).backgroundColor === "rgb(1, 2, 3)", null, WAIT);
    return view;
  },

  async "running again asks in the conversation at a second press, and buys nothing"(stage) {
    const bought = async () => (await stage.control("state")).submissions.length;
    const request = paint("a paper boat", { seed: 7 });
    const { view } = await generated(stage, "generate", request, { clock: true });
    await says(view, /\$0\.018/);
    const before = await bought(), button = view.app.getByRole("button", { name: /run again/i });
    await button.dblclick();
    equal(await button.innerText(), "Ask to run again for $0.018?");
    same(await view.asked("message"), []);
    await view.shot("run-again");
    await view.app.getByRole("button", { name: /^Copy/ }).focus();
    equal(await button.innerText(), "Run again");
    await button.click();
    await view.context.clock.fastForward(1000);
    await button.click();
    await says(view, /Asked/);
    const [message] = await view.asked("message");
    equal(message.content[0].text, `Run ${PAINT} again with the same input: ${JSON.stringify(request.input)}`);
    ok((await view.asked("tool")).every(one => one.name === "estimate_price"));
    equal(await bought(), before);
    return view;
  },

  async "hostile outputs are inert"(stage) {
    const attack = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
    const result = crafted({
      model: attack, price: 0.02,
      outputs: [attack, "javascript:window.hacked=1", "data:text/html,<script>hacked=1</script>", "vbscript:x",
        `https://cdn.wavespeed.ai/x.svg"onload="window.hacked=1`, { text: attack, deep: { onclick: attack } },
        "file:///etc/passwd", "//evil.example/x.png", attack.repeat(40)],
    }, { ...paint(attack) });
    const view = await show(stage, { input: paint(attack), result });
    await says(view, /1 done/);
    const found = await view.inner.evaluate(() => ({
      hacked: window.hacked, scripts: document.scripts.length,
      handlers: document.querySelectorAll("[onerror], [onload], [onclick]").length,
      links: document.querySelectorAll("a, iframe, object, embed, form").length,
      sources: [...document.querySelectorAll("[src]")].map(one => new URL(one.src).protocol),
    }));
    equal(found.hacked, undefined);
    same([found.scripts, found.handlers, found.links], [1, 0, 0]);
    ok(found.sources.every(one => one === "https:" || one === "http:"), String(found.sources));
    for (const button of await view.app.getByRole("button", { name: /^Open/ }).all()) await button.click();
    ok((await view.asked("open-link")).every(({ url }) => url.startsWith("https://cdn.wavespeed.ai/")));
    ok(!view.trouble.some(one => one.startsWith("dialog")));
    await view.shot("hostile");
    return view;
  },

  async "a failed call shows its reason, and a cancelled one what goes on"(stage) {
    const input = { model: PAINT, input: { promt: "a typo" } };
    const { view } = await generated(stage, "generate", input);
    await says(view, /promt/);
    equal(await view.tiles.count(), 0);
    await view.input(paint("again"));
    await view.page.evaluate(() => window.bridge.sendToolCancelled({ reason: "user" }));
    await says(view, /goes on/);
    return view;
  },

  async "a host that can do nothing but show gets no dead buttons"(stage) {
    const { view } = await generated(stage, "generate", paint("a plain host"), { capabilities: {} });
    await loaded(view, 1);
    same(await view.app.getByRole("button").allInnerTexts(), ["Copy link"]);
    const running = await show(stage, { capabilities: {}, result: crafted({ status: "processing", outputs: [] }) });
    await says(running, /1 running/);
    same(await running.asked("tool"), []);
    await running.close();
    return view;
  },

  async "asking stops after failures, until a person wants more"(stage) {
    const view = await show(stage, { clock: true });
    await stage.control("settings", { run_seconds: null });
    await view.page.evaluate(() => { window.bridge.oncalltool = async params => {
      window.asked.push(["tool", params]);
      return { isError: true, content: [{ type: "text", text: "no" }] };
    }; });
    await view.result(crafted({ status: "processing", outputs: [] }));
    for (let asked = 1; asked <= 5; asked += 1) {
      await view.context.clock.fastForward(120_000);
      await view.page.waitForFunction(count => window.asked.filter(([what]) => what === "tool").length >= count, asked, WAIT);
    }
    const again = view.app.getByRole("button", { name: "Check again" });
    await again.waitFor(WAIT);
    await view.context.clock.fastForward(600_000);
    equal((await view.asked("tool")).length, 5);
    await again.click();
    await view.context.clock.fastForward(5_000);
    await view.page.waitForFunction(() => window.asked.filter(([what]) => what === "tool").length > 5, null, WAIT);
    return view;
  },

  async "history is shown with what each run was"(stage) {
    const { view, result } = await generated(stage, "list_predictions", { limit: 5, model: PAINT });
    const outputs = result.structuredContent.predictions.flatMap(one => one.outputs || []);
    const pictures = outputs.filter(one => one.startsWith("http"));
    ok(pictures.length > 1);
    await loaded(view, pictures.length);
    equal(await view.tiles.count(), outputs.length);
    await view.shot("history");
    return view;
  },

  async "nothing moves where motion is unwanted"(stage) {
    const view = await show(stage, { input: paint("still"), contextOptions: { reducedMotion: "reduce" } });
    equal(await view.inner.evaluate(
      () => getComputedStyle(document.querySelector(".wait"), "::after").animationName), "none");
    const moving = await show(stage, { input: paint("moving") });
    equal(await moving.inner.evaluate(
      () => getComputedStyle(document.querySelector(".wait"), "::after").animationName), "shine");
    await moving.close();
    return view;
  },

  async "the frame is as high as its content"(stage) {
    const { view } = await generated(stage, "generate", paint("a tall tower", { size: "512*1024" }));
    await loaded(view, 1);
    await view.page.waitForFunction(() => window.asked.filter(([what]) => what === "size").length > 1, null, WAIT);
    await view.inner.waitForFunction(
      () => Math.abs(innerHeight - document.documentElement.getBoundingClientRect().height) < 2, null, WAIT);
    await view.shot("single");
    return view;
  },
};

function crafted(prediction) {
  const whole = { id: "crafted-prediction", model: PAINT, status: "completed", ...prediction };
  return { content: [{ type: "text", text: JSON.stringify(whole) }], structuredContent: whole };
}
