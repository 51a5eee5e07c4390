// Recorders of whole connections: as HAR, in the shape of Chrome's developer tools, and as a trace of
// our own.

const now = () => Date.now();

/** Without what is said to a recogniser of speech: sound is cut, which leaves the JSON whole. */
const cut = (message) => message.replaceAll(/[\w+/]{64,}={0,2}/g, (long) => long.slice(0, 24));

/** Prints one HAR with one entry (HAR 1.2 and `_webSocketMessages`). */
function har({ url, headers = {} }) {
  const startedAtMs = now();
  const messages = [];
  const address = new URL(url);
  let response = { status: 0, statusText: "", headers: [], body: "" };
  const pairs = (of) => Object.entries(of).map(([name, value]) => ({ name, value: String(value) }));
  const add = (type, data) =>
    messages.push({ type, time: now() / 1000, opcode: 1, data: cut(data) });
  return {
    open() {
      response = {
        status: 101,
        statusText: "Switching Protocols",
        headers: pairs({ Upgrade: "websocket", Connection: "Upgrade" }),
        body: "",
      };
    },
    sent: (message) => add("send", message),
    received: (message) => add("receive", message),
    refused({ statusCode, statusMessage, headers: answered }, body) {
      response = { status: statusCode, statusText: statusMessage, headers: pairs(answered), body };
    },
    failed(error) {
      if (response.status === 0) response = { ...response, error: error.code ?? error.message };
    },
    ended() {
      const { body, error, ...answer } = response;
      const entry = {
        _initiator: { type: "script" },
        _priority: null,
        _resourceType: "websocket",
        _webSocketMessages: messages,
        cache: {},
        request: {
          method: "GET",
          url,
          httpVersion: "HTTP/1.1",
          headers: pairs({ Host: address.host, Upgrade: "websocket", ...headers }),
          queryString: pairs(Object.fromEntries(address.searchParams)),
          cookies: [],
          headersSize: -1,
          bodySize: 0,
        },
        response: {
          ...answer,
          httpVersion: "HTTP/1.1",
          cookies: [],
          content: { size: body.length, mimeType: "x-unknown", ...(body && { text: body }) },
          redirectURL: "",
          headersSize: -1,
          bodySize: -1,
          _transferSize: 0,
          _error: error ?? null,
        },
        startedDateTime: new Date(startedAtMs).toISOString(),
        time: now() - startedAtMs,
        timings: { blocked: -1, dns: -1, ssl: -1, connect: -1, send: 0, wait: 0, receive: 0 },
      };
      const creator = { name: "WebInspector", version: "537.36" };
      console.log(
        JSON.stringify({ log: { version: "1.2", creator, pages: [], entries: [entry] } }, null, 2),
      );
    },
  };
}

/** Prints a trace as `syrinx why` reads it. */
function syrinx({ url, vendor }) {
  const startedAtMs = now();
  const events = [];
  const add = (type, details = {}) => events.push({ atMs: now() - startedAtMs, type, ...details });
  const message = (data) => ({ data: cut(data), sizeBytes: Buffer.byteLength(data) });
  return {
    connecting: () => add("connecting", { url }),
    open: () => add("open"),
    sent: (data) => add("sent", message(data)),
    received: (data) => add("received", message(data)),
    refused: ({ statusCode }, body) =>
      add("handshake_failed", { status: statusCode, message: body }),
    failed(error) {
      if (events.some(({ type }) => type === "open")) return;
      add("handshake_failed", { message: error.code ?? error.message });
    },
    closed(code, reason, byUs) {
      if (!events.some(({ type }) => type === "open")) return;
      const by = byUs ? "client" : code === 1006 ? "unknown" : "server";
      add("close", { code, reason, by });
    },
    ended() {
      const lines = events.map((event) => `    ${JSON.stringify(event)}`).join(",\n");
      const head = { syrinxTrace: 1, vendor, framework: "ws", url };
      const members = Object.entries(head).map(
        ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
      );
      console.log(`{\n${members.join(",\n")},\n  "events": [\n${lines}\n  ]\n}`);
    },
  };
}

export const recorders = { har, syrinx };
