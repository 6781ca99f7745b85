// One face for the TypeScript SDK's clients: the old one, and the new one in both its eras.
//
// connect(kind, command, args, env) gives { tools, call, timeoutMs, close }. `call` takes request options
// (onprogress, signal) last; results are checked against the tools' output schemas by the SDK itself.

const INFO = { name: "typescript-client", version: "1.0.0" };

async function oldSdk(command, args, env) {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
  const protocol = await import("@modelcontextprotocol/sdk/shared/protocol.js");
  const client = new Client(INFO);
  await client.connect(new StdioClientTransport({ command, args, env }));
  return {
    timeoutMs: protocol.DEFAULT_REQUEST_TIMEOUT_MSEC,
    tools: async () => (await client.listTools()).tools,
    call: (name, input, options) => client.callTool({ name, arguments: input }, undefined, options),
    close: () => client.close(),
  };
}

async function newSdk(mode, command, args, env) {
  const sdk = await import("@modelcontextprotocol/client");
  const { StdioClientTransport } = await import("@modelcontextprotocol/client/stdio");
  const client = new sdk.Client(INFO, { versionNegotiation: { mode } });
  await client.connect(new StdioClientTransport({ command, args, env }));
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
