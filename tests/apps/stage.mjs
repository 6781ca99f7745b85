// What every scenario stands on: the real server over stdio, a browser, and web servers for host and frame.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const here = name => fileURLToPath(new URL(name, import.meta.url));
export const GALLERY = "ui://wavespeed/gallery.html";

// How hosts turn the declared domains into a policy (MCP Apps, 2026-01-26).
export function policy({ resourceDomains = [], connectDomains = [] } = {}) {
  const from = resourceDomains.join(" ");
  return [
    "default-src 'none'", `script-src 'self' 'unsafe-inline' ${from}`, `style-src 'self' 'unsafe-inline' ${from}`,
    `img-src 'self' data: ${from}`, `media-src 'self' data: ${from}`, `font-src 'self' ${from}`,
    `connect-src ${connectDomains.join(" ") || "'none'"}`, "frame-src 'self'", "object-src 'none'", "base-uri 'none'",
  ].join("; ");
}

async function serve(answer) {
  const server = createServer(answer);
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  return { port: server.address().port, close: () => server.close() };
}

async function webServers() {
  const bundle = await build({ entryPoints: [here("host.mjs")], bundle: true, write: false, format: "esm" });
  const script = bundle.outputFiles[0].text;
  const frame = await readFile(here("frame.html"), "utf-8");
  const host = await serve((request, response) => {
    const scripted = request.url === "/host.js";
    response.setHeader("content-type", scripted ? "text/javascript" : "text/html; charset=utf-8");
    response.end(scripted ? script : "<!doctype html><title>host</title><style>iframe { border: 0; display: block }" +
      "body { margin: 12px } .dark { background: #111 }</style><body><script type=module src=/host.js></script>");
  });
  const frames = await serve((request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader("content-security-policy", new URL(request.url, "http://x").searchParams.get("policy"));
    response.end(frame);
  });
  const stray = { hits: 0 };
  const stranger = await serve((request, response) => { stray.hits += 1; response.end("no"); });
  return { host, frames, stranger, stray };
}

export async function connect(era, python) {
  const client = new Client({ name: "gallery-test", version: "1" }, {
    versionNegotiation: { mode: era === "legacy" ? "legacy" : "auto" },
    capabilities: { extensions: { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } } },
  });
  await client.connect(new StdioClientTransport({
    command: python, args: ["-m", "wavespeed_mcp_server", "--sandbox"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME }, stderr: "inherit",
  }));
  return client;
}

export async function openStage({ era, python, browserPath, shots }) {
  const [web, client, browser] = await Promise.all([
    webServers(), connect(era, python),
    chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--mute-audio"] }),
  ]);
  const { contents: [page] } = await client.readResource({ uri: GALLERY });
  const { tools } = await client.listTools();
  const csp = page._meta.ui.csp;
  const sandbox = csp.resourceDomains.find(origin => origin.startsWith("http://127.0.0.1:"));
  return {
    client, browser, web, page, tools, csp, sandbox, shots,
    stray: web.stray, stranger: `http://127.0.0.1:${web.stranger.port}`,
    call: (name, given) => client.callTool({ name, arguments: given }),
    control: async (path, body) => (await fetch(`${sandbox}/_sandbox/${path}`, body && {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
    })).json(),
    async close() {
      await browser.close();
      await client.close();
      for (const one of [web.host, web.frames, web.stranger]) one.close();
    },
  };
}

// One host window with the gallery in it.
export async function show(stage, { input, result, tool = "generate", csp = stage.csp, theme = "light", capabilities,
  width, clock, contextOptions = {} } = {}) {
  const context = await stage.browser.newContext({ viewport: { width: 800, height: 900 }, ...contextOptions });
  if (clock) await context.clock.install();
  const page = await context.newPage();
  const trouble = [];
  page.on("console", message => { if (message.type() === "error") trouble.push(message.text()); });
  page.on("pageerror", error => trouble.push(String(error)));
  page.on("dialog", dialog => { trouble.push(`dialog: ${dialog.message()}`); return dialog.dismiss(); });
  await page.exposeFunction("callServer", params => stage.client.callTool(params));
  await page.goto(`http://127.0.0.1:${stage.web.host.port}/`);
  await page.waitForFunction(() => window.mount);
  await page.evaluate(dark => document.body.classList.toggle("dark", dark), theme === "dark");
  const frameUrl = `http://localhost:${stage.web.frames.port}/?policy=${encodeURIComponent(policy(csp))}`;
  const definition = stage.tools.find(one => one.name === tool);
  await page.evaluate(options => window.mount(options), {
    frameUrl, html: stage.page.text, csp, capabilities, width,
    context: { theme, toolInfo: { tool: definition } },
  });
  const app = page.frameLocator("#app").frameLocator("iframe");
  const view = {
    page, app, trouble, context,
    tiles: app.locator(".tile"), status: app.locator("#status"),
    inner: page.frames().find(frame => frame.parentFrame()?.parentFrame()),
    asked: what => page.evaluate(kind => window.asked.filter(([one]) => one === kind).map(([, params]) => params), what),
    input: given => page.evaluate(value => window.bridge.sendToolInput({ arguments: value }), given),
    result: given => page.evaluate(value => window.bridge.sendToolResult(value), given),
    violations: () => trouble.filter(text => /Content Security Policy/i.test(text)),
    async shot(name) {
      if (!stage.shots) return;
      await view.inner.waitForFunction(() => innerHeight >= document.documentElement.getBoundingClientRect().height - 2);
      // A frame of another origin is painted only where the window shows it.
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ width: page.viewportSize().width, height: Math.max(height, 200) });
      await view.inner.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
      await page.screenshot({ path: `${stage.shots}/${name}.png` });
    },
    close: () => context.close(),
  };
  if (input) await view.input(input);
  if (result) await view.result(result);
  return view;
}
