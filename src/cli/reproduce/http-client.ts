/** What a request is made of, besides its address. */
export interface Asked {
  readonly method?: string;
  /** Sent as it is if it is a text, and else as JSON. */
  readonly body?: unknown;
  /** Null for none. */
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** An answer, all of which was read. */
export interface Answer {
  readonly status: number;
  /** What names the connection to both sides; empty if nobody said. */
  readonly connectionId: string;
  readonly isAudio: boolean;
  readonly text: string;
}

/** Asks a server something, with the key where either protocol looks for it. */
export async function request(
  url: string,
  { method = "GET", body, key = null, headers = {}, signal }: Asked,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key !== null && { "xi-api-key": key, authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  return {
    status: response.status,
    connectionId: response.headers.get("x-trace-id") ?? "",
    isAudio: response.headers.get("content-type")?.startsWith("audio/") ?? false,
    text: await response.text(),
  };
}
