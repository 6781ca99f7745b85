// One face for the TypeScript SDK's clients: the old one, and the new one in both its eras.
//
// connect(kind, command, args, env) gives { tools, call, timeoutMs, close }; connect(kind, url, key) the same over
// HTTP. `call` takes request options
// (onprogress, signal) last; results are checked against the tools' output schemas by the SDK itself.

const INFO = { name: "typescript-client", version: "1.0.0" };

async function transport(http, stdio, where, args, env) {
  if (!where.startsWith("http")) return new (await stdio()).StdioClientTransport({ command: where, args, env });
  const headers = { Authorization: `Bearer ${args}` };
  return new (await http()).StreamableHTTPClientTransport(new URL(where), { requestInit: { headers } });
}

async function oldSdk(command, args, env) {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const protocol = await import("@modelcontextprotocol/sdk/shared/protocol.js");
  const client = new Client(INFO);
  const http = () => import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const stdio = () => import("@modelcontextprotocol/sdk/client/stdio.js");
  await client.connect(await transport(http, stdio, command, args, env));
  return {
    timeoutMs: protocol.DEFAULT_REQUEST_TIMEOUT_MSEC,
    tools: async () => (await client.listTools()).tools,
    call: (name, input, options) => client.callTool({ name, arguments: input }, undefined, options),
    close: () => client.close(),
  };
}

async function newSdk(mode, command, args, env) {
  const sdk = await import("@modelcontextprotocol/client");
  const client = new sdk.Client(INFO, { versionNegotiation: { mode } });
  const stdio = () => import("@modelcontextprotocol/client/stdio");
  await client.connect(await transport(async () => sdk, stdio, command, args, env));
  return {
    timeoutMs: sdk.DEFAULT_REQUEST_TIMEOUT_MSEC,
    tools: async () => (await client.listTools()).tools,
    call: (name, input, options) => client.callTool({ name, arguments: input }, options),
    close: () => client.close(),
  };
}

export function connect(kind, command, args, env) {
  if (kind === "old") return oldSdk(command, args, env);
  return newSdk(kind, command, args, env);
}
