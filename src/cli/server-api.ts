import { CommandError, UsageError } from "./errors.ts";

/** A running server, asked over HTTP with the key of `SYRINX_API_KEY`. */
export interface ServerApi {
  request(method: "GET" | "POST", path: string, body?: object): Promise<Response>;
}

/** @throws {UsageError} for what is no address */
export function openServer(server: string): ServerApi {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (!url || !/^(?:https?|wss?):$/.test(url.protocol)) {
    throw new UsageError("--server must be an address such as http://127.0.0.1:8080.");
  }
  const base = `${url.origin.replace(/^ws/, "http")}${url.pathname.replace(/\/(?:v1\/?)?$/, "")}`;
  const key = process.env["SYRINX_API_KEY"];
  return {
    async request(method, path, body) {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: {
          ...(key !== undefined && { "xi-api-key": key }),
          ...(body && { "content-type": "application/json" }),
        },
        ...(body && { body: JSON.stringify(body) }),
      }).catch((error: unknown) => {
        throw new CommandError(`The server at ${url.host} cannot be reached: ${reasonOf(error)}.`);
      });
      if (!response.ok) throw new CommandError(await explain(response));
      return response;
    },
  };
}

/** The reason lies below what `fetch` says. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function explain(response: Response): Promise<string> {
  const text = await response.text();
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  const advice = response.status === 401 ? " Set SYRINX_API_KEY to the server's key." : "";
  return `${message ?? `The server answers HTTP ${response.status}.`}${advice}`;
}
