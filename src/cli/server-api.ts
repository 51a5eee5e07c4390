import { z } from "zod";
import { CommandError, UsageError } from "./errors.ts";

/** A running server, asked over HTTP with the key of `SYRINX_API_KEY`. */
export interface ServerApi {
  /** @throws {CommandError} when it cannot be reached; {ServerRefusal} when it says no */
  request(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    body?: object,
  ): Promise<Response>;
}

/** A server said no. */
export class ServerRefusal extends CommandError {
  /** What is wrong with a member of the body, if that is what is wrong. */
  readonly fault: BodyFault | undefined;

  constructor(message: string, fault: BodyFault | undefined) {
    super(message);
    this.fault = fault;
  }
}

export interface BodyFault {
  /** From the body's own member inwards. */
  readonly path: readonly string[];
  readonly reason: string;
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
      if (!response.ok) throw await refusalOf(response);
      return response;
    },
  };
}

/** The reason lies below what `fetch` says. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** The shape of a 422. */
const bodyFaultSchema = z.object({
  detail: z.tuple([z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() })]),
});

async function refusalOf(response: Response): Promise<ServerRefusal> {
  const text = await response.text();
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  const advice = response.status === 401 ? " Set SYRINX_API_KEY to the server's key." : "";
  const said = message ?? `The server answers HTTP ${response.status}.`;
  return new ServerRefusal(`${said}${advice}`, readBodyFault(text));
}

function readBodyFault(text: string): BodyFault | undefined {
  try {
    const [fault] = bodyFaultSchema.parse(JSON.parse(text)).detail;
    return { path: fault.loc.slice(1).map(String), reason: fault.msg };
  } catch {
    return undefined;
  }
}
