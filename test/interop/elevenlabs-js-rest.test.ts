import { type ElevenLabs, ElevenLabsClient, ElevenLabsError } from "@elevenlabs/elevenlabs-js";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, startBuiltServer } from "../cli/built.ts";
import { openStreamInput } from "../support/stream-input.ts";

const text = "Every good thing is said twice, 2 times over.";
const alias = "JBFqnCBsd6RMkjVDRZzb";

let server: BuiltServer;
let client: ElevenLabsClient;
let voice: string;

beforeAll(async () => {
  server = await startBuiltServer();
  client = new ElevenLabsClient({ baseUrl: server.url, apiKey: server.key, maxRetries: 0 });
  voice = (await client.voices.get(alias)).voiceId;
});
afterAll(() => server?.close());

interface Spoken {
  readonly id: string;
  readonly audio: Buffer;
}

async function speak(request: ElevenLabs.BodyTextToSpeechFull): Promise<Spoken> {
  const answer = await client.textToSpeech.convert(voice, request).withRawResponse();
  const id = answer.rawResponse.headers.get("history-item-id") ?? "";
  return { id, audio: await join(answer.data) };
}

async function stream(request: ElevenLabs.StreamTextToSpeechRequest): Promise<Spoken> {
  const answer = await client.textToSpeech.stream(voice, request).withRawResponse();
  const id = answer.rawResponse.headers.get("history-item-id") ?? "";
  return { id, audio: await join(answer.data) };
}

describe("history", () => {
  it("is empty at first", async () => {
    expect(await client.history.list()).toEqual({ history: [], hasMore: false });
  });

  it("list, get and delete tell of what was spoken", async () => {
    const before = Math.floor(Date.now() / 1000);
    const { id } = await speak({ text, modelId: "eleven_flash_v2_5" });
    expect(id).toMatch(/^[A-Za-z0-9]{20}$/);
    const item = await client.history.get(id);
    expect(item).toMatchObject({
      historyItemId: id,
      voiceId: voice,
      voiceName: "Flite RMS",
      voiceCategory: "premade",
      modelId: "eleven_flash_v2_5",
      text,
      characterCountChangeFrom: 0,
      characterCountChangeTo: Math.ceil(text.length / 2),
      contentType: "audio/mpeg",
      state: "created",
      source: "TTS",
      settings: {
        stability: 0.5,
        use_speaker_boost: true,
        similarity_boost: 0.75,
        style: 0,
        speed: 1,
      },
    });
    expect(item.dateUnix).toBeGreaterThanOrEqual(before);
    const list = await client.history.list({ pageSize: 1 });
    expect(list).toEqual({ history: [item], lastHistoryItemId: id, hasMore: false });
    expect(await client.history.delete(id)).toEqual({ status: "ok" });
    expect((await failureOf(client.history.get(id))).statusCode).toBe(404);
    expect((await failureOf(client.history.delete(id))).statusCode).toBe(404);
  });

  it("list goes through pages, both ways, and finds", async () => {
    const ids: string[] = [];
    for (const word of ["one", "two", "three"]) {
      ids.push((await speak({ text: `Number ${word}.` })).id);
    }
    for (const [sortDirection, expected] of [
      ["asc", ids],
      ["desc", ids.toReversed()],
    ] as const) {
      const seen: string[] = [];
      let startAfterHistoryItemId: string | undefined;
      for (let hasMore = true; hasMore; ) {
        const page = await client.history.list({
          pageSize: 2,
          sortDirection,
          ...(startAfterHistoryItemId !== undefined && { startAfterHistoryItemId }),
        });
        seen.push(...page.history.map(({ historyItemId }) => historyItemId));
        startAfterHistoryItemId = page.lastHistoryItemId;
        ({ hasMore } = page);
      }
      expect(seen).toEqual(expected);
    }
    const found = await client.history.list({ search: "TWO", source: "TTS", voiceId: alias });
    expect(found.history.map(({ historyItemId }) => historyItemId)).toEqual([ids[1]]);
    expect((await client.history.list({ source: "STS" })).history).toEqual([]);
    expect((await client.history.list({ modelId: "eleven_v3" })).history).toEqual([]);
    expect((await client.history.list({ dateBeforeUnix: 1_000_000_000 })).history).toEqual([]);
    await Promise.all(ids.map((id) => client.history.delete(id)));
  });

  it("getAudio gives the bytes that convert gave", async () => {
    const { id, audio } = await speak({ text, voiceSettings: { speed: 1.1 } });
    const again = await client.history.getAudio(id).withRawResponse();
    expect(again.rawResponse.headers.get("content-type")).toBe("audio/mpeg");
    expect(audio.length).toBeGreaterThan(10_000);
    expect((await join(again.data)).equals(audio)).toBe(true);
    expect((await client.history.list()).history).toHaveLength(1);
    await client.history.delete(id);
  });

  it("download gives one file as it is and several in an archive", async () => {
    const first = await speak({ text: "The first.", outputFormat: "wav_44100" });
    const second = await speak({ text: "The second.", outputFormat: "wav_44100" });
    const third = await stream({ text: "The third." });

    const one = await client.history
      .download({ historyItemIds: [first.id], outputFormat: "wav" })
      .withRawResponse();
    expect(one.rawResponse.headers.get("content-type")).toBe("audio/wav");
    expect(one.rawResponse.headers.get("content-disposition")).toMatch(
      /^attachment; filename="[\dT-]+_Flite-RMS_\w{20}\.wav"$/,
    );
    expect((await join(one.data)).equals(first.audio)).toBe(true);

    const both = await client.history
      .download({ historyItemIds: [second.id, first.id], outputFormat: "wav" })
      .withRawResponse();
    expect(both.rawResponse.headers.get("content-type")).toBe("application/zip");
    const files = Object.entries(unzipSync(await join(both.data)));
    expect(files.map(([name]) => name.slice(-24))).toEqual([`${second.id}.wav`, `${first.id}.wav`]);
    const audio = files.map(([, bytes]) => Buffer.from(bytes));
    expect(audio[0]?.equals(second.audio)).toBe(true);
    expect(audio[1]?.equals(first.audio)).toBe(true);

    const mp3 = await join(await client.history.download({ historyItemIds: [third.id] }));
    expect(mp3.equals(third.audio)).toBe(true);
    const unknown = client.history.download({ historyItemIds: [first.id, "none"] });
    expect((await failureOf(unknown)).statusCode).toBe(404);
    for (const { id } of [first, second, third]) await client.history.delete(id);
  });

  it("has nothing of a request without logging", async () => {
    const { id } = await speak({ text, enableLogging: false });
    expect(id).toBe("");
    expect((await client.history.list()).history).toEqual([]);
  });
});

describe("user and usage", () => {
  it("get parses, and counts what was spoken", async () => {
    const before = await client.user.subscription.get();
    await speak({ text: "Twenty characters ok", modelId: "eleven_flash_v2_5" });
    const after = await client.user.subscription.get();
    expect(after.characterCount - before.characterCount).toBe(10);
    expect(after).toMatchObject({ tier: "self_hosted", status: "active", openInvoices: [] });
    expect(after.characterLimit).toBeGreaterThan(1e12);
    const user = await client.user.get();
    expect(user.subscription.characterCount).toBe(after.characterCount);
    expect(user).toMatchObject({ isNewUser: false, seatType: "workspace_admin" });
  });

  it("character stats say when, by which voice and with which model", async () => {
    const dayMs = 86_400_000;
    const today = Math.floor(Date.now() / dayMs) * dayMs;
    const span = { startUnix: today - dayMs, endUnix: today + dayMs };
    const { characterCount } = await client.user.subscription.get();
    const all = await client.usage.get(span);
    expect(all.time.slice(0, 2)).toEqual([today - dayMs, today]);
    expect(Object.keys(all.usage)).toEqual(["All"]);
    expect(sum(all.usage["All"])).toBe(characterCount);
    const byVoice = await client.usage.get({ ...span, breakdownType: "voice", metric: "credits" });
    expect(Object.keys(byVoice.usage)).toEqual(["Flite RMS"]);
    expect(sum(byVoice.usage["Flite RMS"])).toBe(characterCount);
    const requests = await client.usage.get({
      ...span,
      breakdownType: "model",
      metric: "request_count",
      aggregationInterval: "cumulative",
    });
    expect(requests.usage["eleven_flash_v2_5"]).toEqual([2]);
    const minutes = await client.usage.get({ ...span, metric: "minutes_used" });
    expect(sum(minutes.usage["All"])).toBeGreaterThan(0.1);
    const unknown = client.usage.get({ ...span, metric: "ttfb_p95" });
    expect((await failureOf(unknown)).statusCode).toBe(400);
  });
});

describe("voices", () => {
  it("settings are read, stored, shown and spoken with", async () => {
    const neutral = {
      stability: 0.5,
      useSpeakerBoost: true,
      similarityBoost: 0.75,
      style: 0,
      speed: 1,
    };
    expect(await client.voices.settings.getDefault()).toEqual(neutral);
    expect(await client.voices.settings.get(voice)).toEqual(neutral);
    const plain = await speak({ text });
    const fast = { ...neutral, speed: 1.2, style: 0.25 };
    expect(await client.voices.settings.update(alias, { speed: 1.2 })).toEqual({ status: "ok" });
    expect(await client.voices.settings.update(voice, { style: 0.25 })).toEqual({ status: "ok" });
    expect(await client.voices.settings.get(voice)).toEqual(fast);
    expect((await client.voices.get(voice)).settings).toEqual(fast);
    expect((await client.voices.get(voice, { withSettings: false })).settings).toBeUndefined();
    const { voices } = await client.voices.search({ voiceIds: [voice] });
    expect(voices.map(({ settings }) => settings)).toEqual([fast]);
    const faster = await speak({ text });
    expect(faster.audio.length).toBeLessThan(plain.audio.length * 0.9);
    // A request's own settings come first, and the history remembers which they were.
    const own = await speak({ text, voiceSettings: neutral });
    expect(own.audio.equals(plain.audio)).toBe(true);
    await client.voices.settings.update(voice, neutral);
    const again = await join(await client.history.getAudio(faster.id));
    expect(again.equals(faster.audio)).toBe(true);
  });

  it("search filters and sorts", async () => {
    const all = (await client.voices.getAll({ showLegacy: true })).voices;
    const names = all.map(({ name }) => name ?? "");
    const found = async (request: ElevenLabs.VoicesSearchRequest): Promise<string[]> =>
      (await client.voices.search({ pageSize: 100, ...request })).voices.map(
        ({ name }) => name ?? "",
      );
    expect(await found({})).toEqual(names);
    expect(await found({ sort: "name" })).toEqual(names.toSorted());
    expect(await found({ sort: "name", sortDirection: "desc" })).toEqual(
      names.toSorted().toReversed(),
    );
    expect(await found({ voiceType: "default", category: "premade" })).toEqual(names);
    expect(await found({ voiceType: "personal" })).toEqual([]);
    expect(await found({ category: "cloned" })).toEqual([]);
    expect(await found({ fineTuningState: "fine_tuned" })).toEqual([]);
    expect(await found({ collectionId: "any" })).toEqual([]);
    expect(await found({ gender: "female" })).toEqual(["Flite SLT"]);
    expect(await found({ language: ["en", "de"] })).toEqual(names);
    expect(await found({ language: "de" })).toEqual([]);
    expect(await found({ search: "PREMADE" })).toEqual(names);
    expect((await client.voices.search({ includeTotalCount: false })).totalCount).toBe(0);
    expect((await client.voices.search({ pageSize: 1 })).totalCount).toBe(names.length);
    const madeUp = client.voices.search({ nextPageToken: "made up" });
    expect((await failureOf(madeUp)).statusCode).toBe(400);
  });

  it("what this server cannot do is refused once, with a reason", async () => {
    const file = new Blob([Buffer.alloc(200_000)]);
    const retrying = new ElevenLabsClient({ baseUrl: server.url, apiKey: server.key });
    const refused: (() => PromiseLike<unknown>)[] = [
      () => retrying.voices.ivc.create({ name: "Me", files: [file] }),
      () => retrying.voices.update(voice, { name: "Me", files: [file] }),
      () => retrying.voices.delete(voice),
      () => retrying.voices.share("someone", "something", { newName: "Me" }),
      () => retrying.voices.findSimilarVoices({ audioFile: file }),
      () => retrying.voices.replicateToIsolatedEnvironment(voice, { targetWorkspaceId: "x" }),
      () => retrying.tokens.singleUse.create("realtime_scribe"),
    ];
    for (const ask of refused) {
      const error = await failureOf(ask());
      expect(error.statusCode).toBe(403);
      expect(error.body).toMatchObject({
        detail: {
          status: "not_supported",
          message: expect.stringMatching(/cannot .+: its? .+\. /),
        },
      });
    }
    expect((await failureOf(client.voices.delete("nobody"))).statusCode).toBe(404);
    expect((await failureOf(client.voices.update("nobody", { name: "x" }))).statusCode).toBe(404);
    expect(await client.voices.getShared()).toMatchObject({ voices: [], hasMore: false });
    expect((await client.voices.getAll()).voices).not.toEqual([]);
  });
});

describe("models and tokens", () => {
  it("models.list gives a rate for every model", async () => {
    const models = await client.models.list();
    expect(models.length).toBeGreaterThan(5);
    for (const { modelRates } of models) {
      expect(modelRates?.characterCostMultiplier).toBeGreaterThan(0);
    }
  });

  it("a token opens a socket", async () => {
    const { token } = await client.tokens.singleUse.create("tts_websocket");
    const query = `single_use_token=${token}&output_format=pcm_16000`;
    const socket = await openStreamInput(server.wsUrl, { voice, query });
    socket.send({ text: " " }, { text: "Hello. " }, { text: "" });
    expect(await socket.closed).toEqual({ code: 1000, reason: "" });
  });
});

describe("pronunciation dictionaries", () => {
  const hello = { type: "alias", stringToReplace: "Syrinx", alias: "sear inks" } as const;
  const nginx = {
    type: "phoneme",
    stringToReplace: "nginx",
    phoneme: "EH1 N JH IH0 N",
    alphabet: "cmu-arpabet",
  } as const;
  const exact = { caseSensitive: true, wordBoundaries: true };

  it("createFromRules, get, list and update agree", async () => {
    const before = Math.floor(Date.now() / 1000);
    const rules = [hello, { ...nginx, caseSensitive: false, wordBoundaries: false }];
    const made = await client.pronunciationDictionaries.createFromRules({
      name: "Names",
      description: "of servers",
      rules,
      workspaceAccess: "admin",
    });
    expect(made).toMatchObject({ name: "Names", description: "of servers", versionRulesNum: 2 });
    expect(made.creationTimeUnix).toBeGreaterThanOrEqual(before);
    const got = await client.pronunciationDictionaries.get(made.id);
    expect(got).toMatchObject({
      id: made.id,
      latestVersionId: made.versionId,
      latestVersionRulesNum: 2,
      name: "Names",
      rules: [{ ...hello, ...exact }, rules[1]],
    });
    const { rules: _rules, ...meta } = got;
    const list = await client.pronunciationDictionaries.list();
    expect(list).toEqual({ pronunciationDictionaries: [meta], hasMore: false });

    const archived = await client.pronunciationDictionaries.update(made.id, { archived: true });
    expect(archived.archivedTimeUnix).toBeGreaterThanOrEqual(before);
    expect((await client.pronunciationDictionaries.list()).pronunciationDictionaries).toEqual([]);
    const withArchived = await client.pronunciationDictionaries.list({ includeArchived: true });
    expect(withArchived.pronunciationDictionaries).toEqual([archived]);
    const renamed = await client.pronunciationDictionaries.update(made.id, {
      archived: false,
      name: "Hosts",
    });
    expect(renamed).toEqual({ ...meta, name: "Hosts" });
  });

  it("rules.set, add and remove each make a version, and old ones stay", async () => {
    const { id, versionId } = await client.pronunciationDictionaries.createFromRules({
      name: "Versions",
      rules: [hello],
    });
    const added = await client.pronunciationDictionaries.rules.add(id, {
      rules: [nginx, { ...hello, alias: "sirrinks" }],
    });
    expect(added).toMatchObject({ id, versionRulesNum: 2 });
    const removed = await client.pronunciationDictionaries.rules.remove(id, {
      ruleStrings: ["nginx", "unknown"],
    });
    expect(removed).toMatchObject({ id, versionRulesNum: 1 });
    const set = await client.pronunciationDictionaries.rules.set(id, { rules: [nginx] });
    expect(set).toMatchObject({ id, versionRulesNum: 1 });
    const versions = [versionId, added.versionId, removed.versionId, set.versionId];
    expect(new Set(versions).size).toBe(4);
    expect((await client.pronunciationDictionaries.get(id)).latestVersionId).toBe(set.versionId);
    const files = await Promise.all(
      versions.map(async (version) =>
        (await join(await client.pronunciationDictionaries.download(id, version))).toString(),
      ),
    );
    expect(files.map((file) => file.match(/<(?:alias|phoneme.*?)>.*?(?=<)/g))).toEqual([
      ["<alias>sear inks"],
      ["<alias>sirrinks", '<phoneme alphabet="cmu-arpabet">EH1 N JH IH0 N'],
      ["<alias>sirrinks"],
      ['<phoneme alphabet="cmu-arpabet">EH1 N JH IH0 N'],
    ]);
  });

  it("createFromFile reads what download wrote", async () => {
    const made = await client.pronunciationDictionaries.createFromRules({
      name: "Out",
      rules: [hello, nginx],
    });
    const answer = await client.pronunciationDictionaries
      .download(made.id, made.versionId)
      .withRawResponse();
    expect(answer.rawResponse.headers.get("content-type")).toBe("application/pls+xml");
    expect(answer.rawResponse.headers.get("content-disposition")).toBe(
      'attachment; filename="Out.pls"',
    );
    const file = new Blob([await join(answer.data)], { type: "application/pls+xml" });
    const read = await client.pronunciationDictionaries.createFromFile({
      name: "In",
      description: "from a file",
      file,
    });
    expect(read).toMatchObject({ name: "In", description: "from a file", versionRulesNum: 2 });
    expect((await client.pronunciationDictionaries.get(read.id)).rules).toEqual([
      { ...hello, ...exact },
      { ...nginx, ...exact },
    ]);
    const broken = client.pronunciationDictionaries.createFromFile({
      name: "Broken",
      file: new Blob(["<lexicon>"]),
    });
    expect((await failureOf(broken)).statusCode).toBe(400);
  });

  it("list goes through pages", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let hasMore = true; hasMore; ) {
      const page = await client.pronunciationDictionaries.list({
        pageSize: 2,
        sort: "name",
        sortDirection: "ascending",
        ...(cursor !== undefined && { cursor }),
      });
      seen.push(...page.pronunciationDictionaries.map(({ name }) => name));
      cursor = page.nextCursor;
      ({ hasMore } = page);
    }
    expect(seen).toEqual(["Hosts", "In", "Out", "Versions"]);
  });

  it("requests may name up to three, known or not", async () => {
    const [first] = (await client.pronunciationDictionaries.list()).pronunciationDictionaries;
    const pronunciationDictionaryLocators = [
      { pronunciationDictionaryId: first?.id ?? "" },
      { pronunciationDictionaryId: first?.id ?? "", versionId: first?.latestVersionId ?? "" },
      { pronunciationDictionaryId: "unknown", versionId: "unknown" },
    ];
    const { audio } = await speak({ text, pronunciationDictionaryLocators });
    expect(audio.length).toBeGreaterThan(10_000);
    const more = [...pronunciationDictionaryLocators, ...pronunciationDictionaryLocators];
    const error = await failureOf(
      client.textToSpeech.convert(voice, { text, pronunciationDictionaryLocators: more }),
    );
    expect(error.statusCode).toBe(400);
    expect(error.body).toMatchObject({ detail: { param: "pronunciation_dictionary_locators" } });
  });
});

async function join(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

const sum = (values: readonly number[] = []): number =>
  values.reduce((total, value) => total + value, 0);

async function failureOf(request: PromiseLike<unknown>): Promise<ElevenLabsError> {
  try {
    await request;
  } catch (error) {
    if (error instanceof ElevenLabsError) return error;
    throw error;
  }
  throw new Error("The request did not fail");
}
