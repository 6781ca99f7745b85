// The host side of the gallery, in the browser: the reference bridge, and a record of what the page asks for.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

const EVERYTHING = {
  openLinks: {}, serverTools: {}, logging: {}, message: { text: {} }, updateModelContext: { text: {} },
};

window.asked = [];

// Shows the page in a frame of another origin, as hosts do, and waits until it says that it is ready.
window.mount = async ({ frameUrl, html, csp, capabilities = EVERYTHING, context = {}, width = 760 }) => {
  const frame = Object.assign(document.createElement("iframe"), { id: "app", title: "app" });
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
  frame.style.width = `${width}px`;
  const ready = new Promise(resolve => addEventListener("message", event => {
    if (event.source === frame.contentWindow && event.data?.method === "ui/notifications/sandbox-proxy-ready") resolve();
  }));
  frame.src = frameUrl;
  document.body.append(frame);
  await ready;
  const bridge = new AppBridge(null, { name: "test host", version: "1" }, capabilities, {
    hostContext: { displayMode: "inline", availableDisplayModes: ["inline"], ...context },
  });
  const note = (what, answer) => async params => {
    window.asked.push([what, params]);
    return answer(params);
  };
  bridge.onopenlink = note("open-link", () => ({}));
  bridge.onmessage = note("message", () => ({}));
  bridge.onupdatemodelcontext = note("context", () => ({}));
  bridge.oncalltool = note("tool", params => window.callServer(params));
  bridge.onsizechange = ({ height }) => {
    window.asked.push(["size", height]);
    if (height) frame.style.height = `${height}px`;
  };
  const initialized = new Promise(resolve => { bridge.oninitialized = resolve; });
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  await bridge.sendSandboxResourceReady({ html, csp });
  await initialized;
  window.bridge = bridge;
};
