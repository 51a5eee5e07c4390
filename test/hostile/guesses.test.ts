import { describe, expect, it } from "vitest";
import { useToneServer } from "../conformance/bench.ts";
import { testKey } from "../support/server.ts";
import { request, said, speak, upgrade, withKey, withQuery, wrongKey } from "./acts.ts";
import { describeExchange } from "./describe-exchange.ts";
import { exchange } from "./exchange.ts";

describe("whoever guesses keys", () => {
  const bench = useToneServer({ auth: "on", trustProxy: "127.0.0.1" });
  const { clock } = bench;
  const from = (address: string, key: string): Readonly<Record<string, string>> => ({
    "xi-api-key": key,
    "x-forwarded-for": address,
  });
  const ask = (bytes: string | Buffer): Promise<string> =>
    exchange(bench.server.url, bytes).then(describeExchange);
  const guess = (address: string): Promise<string> =>
    ask(request("GET /v1/voices", from(address, wrongKey)));

  it("is answered ever later, while others and good keys are answered at once", async () => {
    const guesser = "192.0.2.7";
    for (let count = 0; count < 10; count += 1) {
      expect(await guess(guesser)).toBe("401 invalid_api_key");
    }
    let isAnswered = false;
    const late = guess(guesser).finally(() => {
      isAnswered = true;
    });
    expect(await ask(request("GET /v1/models", from(guesser, testKey)))).toBe("200");
    expect(await ask(speak(from(guesser, testKey)))).toBe("200 audio");
    expect(await guess("192.0.2.8")).toBe("401 invalid_api_key");
    clock.advance(249);
    expect(await ask(request("GET /v1/models", withKey))).toBe("200");
    expect(isAnswered).toBe(false);
    clock.advance(1);
    expect(await late).toBe("401 invalid_api_key");
  });

  it.each([
    ["sockets with a bad key", upgrade(from("192.0.2.9", wrongKey)), "101, invalid_api_key, 1008"],
    [
      "sockets with a bad key in the first message",
      upgrade({ "x-forwarded-for": "192.0.2.10" }, [{ text: said, xi_api_key: wrongKey }]),
      "101, invalid_api_key, 1008",
    ],
    [
      "sockets with a token that nobody minted",
      upgrade({ "x-forwarded-for": "192.0.2.11" }, [], withQuery("single_use_token=x")),
      "101, invalid_token, 1008",
    ],
    [
      "Waves sockets",
      upgrade(
        { authorization: `Bearer ${wrongKey}`, "x-forwarded-for": "192.0.2.12" },
        [],
        "/waves/v1/tts/live",
      ),
      "401 unauthorized",
    ],
  ])("by %s is, too", async (_name, bytes, answer) => {
    for (let count = 0; count < 10; count += 1) expect(await ask(bytes)).toBe(answer);
    let isAnswered = false;
    const late = ask(bytes).finally(() => {
      isAnswered = true;
    });
    // Long enough for any answer that does not wait.
    for (let count = 0; count < 5; count += 1) await ask(request("GET /health"));
    expect(isAnswered).toBe(false);
    clock.advance(250);
    expect(await late).toBe(answer);
  });
});
