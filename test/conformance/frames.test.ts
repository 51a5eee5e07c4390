import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { spelled, type Frame, type WireAlignment } from "../support/stream-input.ts";
import { readMp3, readOgg } from "./audio-files.ts";
import {
  audioFrames,
  type Bench,
  bothSockets,
  type Conversation,
  endMs,
  finalFrame,
  named,
  normalClose,
  profilePaths,
  segmentsOf,
  toneBytes,
  useFliteServer,
  useToneServer,
} from "./bench.ts";

const hello = "Hello there. ";
const again = "And here again. ";
const frameKeys = ["alignment", "audio", "isFinal", "normalizedAlignment"];

/** Texts that reach the server as one segment each. */
const sentences = [
  "The ship left the harbour at dawn. ",
  "Nobody on the quay waved, for 23 of them had slept late. ",
  "It came back in 1897 with a cargo of oranges and a very tired crew. ",
] as const;

/** The same, with nothing in them that takes long to say. */
const plainSentences = [sentences[0], "Nobody on the quay waved, for all of them had slept late. "];

const spokenBefore = new WeakMap<Bench, Map<string, Promise<Conversation>>>();

/** Speaks each text as a segment of its own; asked again, it gives the same conversation. */
function speakSegments(
  bench: Bench,
  texts: readonly string[],
  query: string,
): Promise<Conversation> {
  const known = spokenBefore.get(bench) ?? new Map<string, Promise<Conversation>>();
  spokenBefore.set(bench, known);
  const key = JSON.stringify([texts, query]);
  const conversation =
    known.get(key) ??
    bench.converse([{ text: " " }, ...texts.map((text) => ({ text, flush: true })), { text: "" }], {
      voice: "flite-slt",
      query,
    });
  known.set(key, conversation);
  return conversation;
}

/** What is left of `text` when the frames' alignments are taken off its beginning, in order. */
function unspelled(text: string, frames: readonly Frame[]): string {
  let rest = text.trimStart();
  for (const { chars } of alignmentsOf(frames)) {
    const piece = chars.join("");
    // A segment ends in a space, also where the text goes on after other white space or none.
    const own = rest.startsWith(piece) ? piece : piece.replace(/ $/, "");
    if (!rest.startsWith(own)) return rest;
    rest = rest.slice(own.length);
  }
  return rest;
}

const alignmentsOf = (
  frames: readonly Frame[],
  which: "alignment" | "normalizedAlignment" = "alignment",
): WireAlignment[] => frames.flatMap((frame) => frame[which] ?? []);

const bothAlignmentsOf = (frames: readonly Frame[]): WireAlignment[] => [
  ...alignmentsOf(frames),
  ...alignmentsOf(frames, "normalizedAlignment"),
];

/** Raw formats: how many bytes one second takes. */
const rawFormats = [
  { format: "pcm_8000", bytesPerSecond: 16_000 },
  { format: "pcm_16000", bytesPerSecond: 32_000 },
  { format: "pcm_22050", bytesPerSecond: 44_100 },
  { format: "pcm_24000", bytesPerSecond: 48_000 },
  { format: "pcm_32000", bytesPerSecond: 64_000 },
  { format: "pcm_44100", bytesPerSecond: 88_200 },
  { format: "pcm_48000", bytesPerSecond: 96_000 },
  { format: "ulaw_8000", bytesPerSecond: 8000 },
  { format: "alaw_8000", bytesPerSecond: 8000 },
];
const mp3Formats = [
  { format: "mp3_22050_32", sampleRateHz: 22_050, bitrateKbps: 32 },
  { format: "mp3_24000_48", sampleRateHz: 24_000, bitrateKbps: 48 },
  { format: "mp3_44100_64", sampleRateHz: 44_100, bitrateKbps: 64 },
  { format: "mp3_44100_192", sampleRateHz: 44_100, bitrateKbps: 192 },
];
const opusFormats = ["opus_48000_32", "opus_48000_96", "opus_48000_192"];

describe.for(bothSockets)("the shape of frames on %s", ([, through]) => {
  const bench = through(useToneServer());

  describe.for(
    named("query", [
      { query: "output_format=pcm_16000" },
      { query: "output_format=pcm_16000&sync_alignment=true" },
      { query: "output_format=mp3_44100_128" },
      { query: "output_format=opus_48000_64&auto_mode=true" },
    ]),
  )("with %s", ([, { query }]) => {
    const messages = [{ text: hello, flush: true }, { text: again }, { text: "" }];

    it("[71] must send audio, isFinal, normalizedAlignment and alignment on every audio frame", async () => {
      const { frames } = await bench.converse(messages, { query });
      const keys = audioFrames(frames).map((frame) => Object.keys(frame).toSorted());
      expect(keys.length).toBeGreaterThan(1);
      expect(keys).toEqual(keys.map(() => frameKeys));
    });

    it("[72] must send isFinal null on audio frames", async () => {
      const { frames } = await bench.converse(messages, { query });
      const values = audioFrames(frames).map(({ isFinal }) => isFinal);
      expect(values).toEqual(values.map(() => null));
    });

    it("[73] must not send an empty audio string", async () => {
      const { frames } = await bench.converse(messages, { query });
      const lengths = audioFrames(frames).map(({ audio }) => audio.length);
      expect(Math.min(...lengths)).toBeGreaterThan(0);
    });

    it("[74] must include audio null and no sound in the final frame", async () => {
      const { frames } = await bench.converse(messages, { query });
      expect(frames.at(-1)).toStrictEqual(finalFrame);
    });

    it("[75] must not use the keys message and error in frames that are none of an error", async () => {
      const { frames } = await bench.converse(messages, { query });
      const keys = new Set(frames.flatMap((frame) => Object.keys(frame)));
      expect([...keys].toSorted()).toEqual(frameKeys);
    });
  });

  it.for(
    named("what", [
      { what: "an unreadable message", message: "{" },
      { what: "an unknown voice", message: { text: "" }, voice: "nobody" },
    ]),
  )(
    "[76] must send message, error and code for %s, and nothing else",
    async ([, { message, voice = "tone" }]) => {
      const { frames } = await bench.converse([message], { voice });
      expect(frames).toEqual([
        {
          message: expect.stringMatching(/\w/),
          error: expect.stringMatching(/^[a-z_]+$/),
          code: 1008,
        },
      ]);
    },
  );

  it.for(
    named("what", [
      { what: "an unreadable message", message: "{" },
      { what: "an unknown voice", message: { text: "" }, voice: "nobody" },
    ]),
  )(
    "[77] must use the same code in the error frame and the Close frame for %s",
    async ([, { message, voice = "tone" }]) => {
      const { frames, closed } = await bench.converse([message], { voice });
      expect(frames.map(({ code }) => code)).toEqual([closed.code]);
    },
  );

  it.for([{ sync: false }, { sync: true }])(
    "[80] must not restart the MP3 encoder between segments, with sync_alignment $sync",
    async ({ sync }) => {
      const texts = Array.from({ length: 12 }, (_, index) => `This is part ${index} of all. `);
      const { audio } = await bench.converse(
        [...texts.map((text) => ({ text, flush: true })), { text: "" }],
        { query: `output_format=mp3_44100_128&sync_alignment=${sync}` },
      );
      const seconds = texts.reduce((sum, text) => sum + toneBytes(text) / 32_000, 0);
      const samples = readMp3(audio).reduce((sum, frame) => sum + frame.samples, 0);
      // The delay of one encoder and the padding of one last frame, not of twelve.
      expect(samples - seconds * 44_100).toBeGreaterThanOrEqual(0);
      expect(samples - seconds * 44_100).toBeLessThan(3 * 1152);
    },
  );

  it("[80] must not restart the Opus stream between segments", async () => {
    const { audio } = await bench.converse(
      [{ text: hello, flush: true }, { text: again, flush: true }, { text: hello }, { text: "" }],
      { query: "output_format=opus_48000_64" },
    );
    const pages = readOgg(audio);
    expect(new Set(pages.map(({ serial }) => serial)).size).toBe(1);
    expect(pages.filter(({ begins }) => begins)).toHaveLength(1);
    const heads = pages.filter(({ body }) => Buffer.from(body).includes("OpusHead"));
    expect(heads).toHaveLength(1);
  });

  it("[87] must attach a segment's alignment to exactly one frame when sync_alignment is off", async () => {
    const { frames } = await bench.converse(
      [{ text: sentences.join("") }, { text: hello, flush: true }, { text: again }, { text: "" }],
      { query: "output_format=pcm_16000" },
    );
    expect(audioFrames(frames).length).toBeGreaterThan(bench.tone.begun.length);
    expect(alignmentsOf(frames).map(({ chars }) => chars.join(""))).toEqual(bench.tone.begun);
    expect(alignmentsOf(frames, "normalizedAlignment")).toHaveLength(bench.tone.begun.length);
  });

  it("[88] should attach it to the segment's first frame", async () => {
    const { frames } = await bench.converse(
      [{ text: sentences.join("") }, { text: hello, flush: true }, { text: again }, { text: "" }],
      { query: "output_format=pcm_16000" },
    );
    // What lies between one alignment and the next is as long as the segment of the first one.
    expect(segmentsOf(frames).map(({ sizeBytes }) => sizeBytes)).toEqual(
      bench.tone.begun.map((text) => toneBytes(text)),
    );
    expect(frames[0]?.alignment).not.toBeNull();
  });
});

describe("a failure", () => {
  const bench = useToneServer();

  it("[77] must use 1011 in both when the engine fails", async () => {
    bench.tone.failWith(new Error("The tone has gone flat"));
    const { frames, closed } = await bench.converse([{ text: hello }, { text: "" }]);
    expect(frames.map(({ code }) => code)).toEqual([1011]);
    expect(frames.map((frame) => Object.keys(frame).toSorted())).toEqual([
      ["code", "error", "message"],
    ]);
    expect(closed.code).toBe(1011);
  });
});

describe("times by default", () => {
  const bench = useToneServer();
  const rows = [
    { name: "[85] must restart: stream-input", socket: "stream-input", sync: false, grows: false },
    {
      name: "[85] must restart: stream-input, sync_alignment on",
      socket: "stream-input",
      sync: true,
      grows: false,
    },
    {
      name: "[85] must restart: multi-stream-input",
      socket: "multi-stream-input",
      sync: false,
      grows: false,
    },
    {
      name: "[86] must grow: multi-stream-input, sync_alignment on",
      socket: "multi-stream-input",
      sync: true,
      grows: true,
    },
  ];
  const ends = [{ text: "", close_context: true, close_socket: true }];

  it.for(named("name", rows))("%s", async ([, { socket, sync, grows }]) => {
    const { frames } = await bench.converse(
      [{ text: hello, flush: true }, { text: again, flush: true }, { text: hello }, ...ends],
      {
        path: `${profilePaths.kind}/tone/${socket}`,
        query: `output_format=pcm_16000&sync_alignment=${sync}`,
      },
    );
    const starts = alignmentsOf(frames).map(({ charStartTimesMs }) => charStartTimesMs[0] ?? -1);
    expect(starts.length).toBeGreaterThanOrEqual(3);
    expect(starts[0]).toBe(0);
    const growing = starts.slice(1).filter((start, index) => start > (starts[index] ?? 0));
    expect(growing).toHaveLength(grows ? starts.length - 1 : 0);
  });
});

const ffmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

/** The length of a stream as ffmpeg decodes it; throws when it finds an error in it. */
function decodedSeconds(stream: Buffer): number {
  const options = ["-v", "error", "-xerror", "-i", "pipe:0"];
  const pcm = execFileSync("ffmpeg", [...options, "-f", "s16le", "-ac", "1", "-ar", "16000", "-"], {
    input: stream,
    maxBuffer: 64_000_000,
    stdio: ["pipe", "pipe", "pipe"],
  });
  return pcm.length / 32_000;
}

describe.for(bothSockets)("sound on %s, with the real voices", ([, through]) => {
  const bench = through(useFliteServer());
  const texts = [...sentences, "One, two, three: go! And the rest follows without a pause"];

  /** Seconds of a text in any format: the raw ones all agree. */
  async function seconds(): Promise<number> {
    const { audio } = await speakSegments(bench, texts, "output_format=pcm_16000");
    return audio.length / 32_000;
  }

  it.for(named("format", rawFormats))(
    "[78] must keep whole samples in every frame of %s",
    async ([, { format }]) => {
      for (const sync of [false, true]) {
        const { frames } = await speakSegments(
          bench,
          texts,
          `output_format=${format}&sync_alignment=${sync}`,
        );
        const sampleBytes = format.startsWith("pcm") ? 2 : 1;
        const rests = audioFrames(frames).map(
          ({ audio }) => Buffer.byteLength(audio, "base64") % sampleBytes,
        );
        expect(rests).toEqual(rests.map(() => 0));
      }
    },
  );

  it.for(named("format", rawFormats))(
    "[79] must give a stream of %s as long as its alignments say, without header",
    async ([, { format, bytesPerSecond }]) => {
      const { frames, audio } = await speakSegments(bench, texts, `output_format=${format}`);
      const spokenMs = alignmentsOf(frames).length;
      const wholeMs = audioFrames(frames).reduce((sum, frame) => sum + endMs(frame), 0);
      expect(spokenMs).toBeGreaterThanOrEqual(texts.length);
      expect(Math.abs((audio.length * 1000) / bytesPerSecond - wholeMs)).toBeLessThan(spokenMs);
      expect(audio.toString("latin1", 0, 4)).not.toBe("RIFF");
    },
  );

  it.for(named("format", mp3Formats))(
    "[79] must give one MP3 stream in %s: frame after frame, with nothing between",
    async ([, { format, ...expected }]) => {
      const { audio } = await speakSegments(bench, texts, `output_format=${format}`);
      const frames = readMp3(audio);
      const samples = expected.sampleRateHz > 24_000 ? 1152 : 576;
      expect(frames).toEqual(frames.map(() => ({ ...expected, samples })));
      const extra = frames.length * samples - (await seconds()) * expected.sampleRateHz;
      expect(extra).toBeGreaterThanOrEqual(0);
      expect(extra).toBeLessThan(4 * samples);
    },
  );

  it.for(opusFormats)(
    "[79] must give one Ogg stream in %s: pages in order, from OpusHead to the last",
    async (format) => {
      const { audio } = await speakSegments(bench, texts, `output_format=${format}`);
      const pages = readOgg(audio);
      expect(pages.map(({ sequence }) => sequence)).toEqual(pages.map((_, index) => index));
      expect(pages.map(({ begins }) => begins)).toEqual(pages.map((_, index) => index === 0));
      const last = pages.length - 1;
      expect(pages.map(({ ends }) => ends)).toEqual(pages.map((_, index) => index === last));
      expect(Buffer.from(pages[0]?.body ?? []).toString("latin1", 0, 8)).toBe("OpusHead");
      expect(Buffer.from(pages[1]?.body ?? []).toString("latin1", 0, 8)).toBe("OpusTags");
      const granules = pages.map(({ granule }) => granule);
      expect(granules).toEqual(granules.toSorted((a, b) => Number(a - b)));
      const preSkip = Buffer.from(pages[0]?.body ?? []).readUInt16LE(10);
      const spoken = (Number(granules.at(-1) ?? 0n) - preSkip) / 48_000;
      expect(Math.abs(spoken - (await seconds()))).toBeLessThan(0.001 * texts.length + 0.02);
    },
  );

  it.skipIf(!ffmpeg).for([...mp3Formats.map(({ format }) => format), ...opusFormats])(
    "[79] must give a stream of %s that ffmpeg decodes without error (where ffmpeg is installed)",
    async (format) => {
      const { audio } = await speakSegments(bench, texts, `output_format=${format}`);
      expect(Math.abs(decodedSeconds(audio) - (await seconds()))).toBeLessThan(0.12);
    },
  );
});

describe.for(bothSockets)("alignment on %s, with the real voices", ([, through]) => {
  const bench = through(useFliteServer());
  const queries = [
    { query: "output_format=pcm_16000" },
    { query: "output_format=pcm_44100&x_alignment_base=context" },
    { query: "output_format=pcm_24000&sync_alignment=true" },
    { query: "output_format=ulaw_8000&sync_alignment=true&x_alignment_base=context" },
    { query: "output_format=mp3_44100_128" },
    { query: "output_format=opus_48000_64&sync_alignment=true" },
  ];

  it.for(named("query", queries))(
    "[81] must send arrays of equal length under the names of the wire: %s",
    async ([, { query }]) => {
      const { frames } = await speakSegments(bench, sentences, query);
      const all = bothAlignmentsOf(frames);
      expect(all.length).toBeGreaterThanOrEqual(2 * sentences.length);
      for (const alignment of all) {
        expect(Object.keys(alignment)).toEqual(["chars", "charStartTimesMs", "charDurationsMs"]);
        expect(alignment.chars.length).toBeGreaterThan(0);
        expect(alignment.charStartTimesMs).toHaveLength(alignment.chars.length);
        expect(alignment.charDurationsMs).toHaveLength(alignment.chars.length);
      }
    },
  );

  it.for(named("query", queries))(
    "[82] must use non-negative integers for times: %s",
    async ([, { query }]) => {
      const { frames } = await speakSegments(bench, sentences, query);
      const times = bothAlignmentsOf(frames).flatMap(({ charStartTimesMs, charDurationsMs }) => [
        ...charStartTimesMs,
        ...charDurationsMs,
      ]);
      expect(times.length).toBeGreaterThan(400);
      expect(times.filter((time) => !Number.isSafeInteger(time) || time < 0)).toEqual([]);
    },
  );

  it.for(named("query", queries))(
    "[83] must let each character start where the last one ends: %s",
    async ([, { query }]) => {
      const { frames } = await speakSegments(bench, sentences, query);
      for (const { charStartTimesMs: starts, charDurationsMs: durations } of bothAlignmentsOf(
        frames,
      )) {
        const ends = starts.map((start, index) => start + (durations[index] ?? 0));
        const gaps = starts.slice(1).map((start, index) => Math.abs(start - (ends[index] ?? 0)));
        expect(Math.max(0, ...gaps)).toBeLessThanOrEqual(1);
      }
    },
  );

  it.for(named("format", rawFormats))(
    "[84] must let a segment's characters last as long as its sound: %s, sync_alignment off",
    async ([, { format, bytesPerSecond }]) => {
      const { frames } = await speakSegments(bench, sentences, `output_format=${format}`);
      const segments = segmentsOf(frames);
      expect(segments.length).toBeGreaterThanOrEqual(sentences.length);
      for (const { frames: parts, sizeBytes } of segments) {
        const [first] = parts;
        const soundMs = (sizeBytes * 1000) / bytesPerSecond;
        for (const alignment of [first?.alignment, first?.normalizedAlignment]) {
          const lastMs =
            (alignment?.charStartTimesMs.at(-1) ?? 0) + (alignment?.charDurationsMs.at(-1) ?? 0);
          expect(Math.abs(lastMs - soundMs)).toBeLessThanOrEqual(1);
        }
      }
    },
  );

  it.for(named("format", rawFormats))(
    "[84] must let a segment's characters last as long as its sound: %s, sync_alignment on",
    async ([, { format, bytesPerSecond }]) => {
      for (const sentence of sentences) {
        const { frames, audio } = await speakSegments(
          bench,
          [sentence],
          `output_format=${format}&sync_alignment=true&x_alignment_base=context`,
        );
        const soundMs = (audio.length * 1000) / bytesPerSecond;
        for (const alignments of [
          alignmentsOf(frames),
          alignmentsOf(frames, "normalizedAlignment"),
        ]) {
          const last = alignments.at(-1);
          const lastMs = (last?.charStartTimesMs.at(-1) ?? 0) + (last?.charDurationsMs.at(-1) ?? 0);
          expect(Math.abs(lastMs - soundMs)).toBeLessThanOrEqual(1);
        }
      }
    },
  );

  it.for(["pcm_16000", "pcm_24000", "pcm_44100", "ulaw_8000"])(
    "[84] must let the last character end with the sound in mode chunk with sync_alignment on: %s",
    async (format) => {
      const { frames, audio } = await speakSegments(
        bench,
        plainSentences,
        `output_format=${format}&sync_alignment=true`,
      );
      const bytesPerMs =
        (rawFormats.find((row) => row.format === format)?.bytesPerSecond ?? 0) / 1000;
      let soundMs = 0;
      let lastEndMs = 0;
      for (const frame of audioFrames(frames)) {
        if (frame.alignment) lastEndMs = soundMs + endMs(frame);
        soundMs += Buffer.byteLength(frame.audio, "base64") / bytesPerMs;
      }
      expect(soundMs).toBeCloseTo(audio.length / bytesPerMs, 3);
      // Inside a segment a resampler holds back up to 4 ms, which come with the next frame.
      expect(Math.abs(lastEndMs - soundMs)).toBeLessThan(5);
    },
  );

  it("[85] must restart times at 0 for each segment in mode chunk, which is the default", async () => {
    for (const query of ["", "&x_alignment_base=chunk"]) {
      const { frames } = await speakSegments(bench, sentences, `output_format=pcm_16000${query}`);
      for (const which of ["alignment", "normalizedAlignment"] as const) {
        const starts = alignmentsOf(frames, which).map((each) => each.charStartTimesMs[0]);
        expect(starts.length).toBeGreaterThanOrEqual(sentences.length);
        expect(starts).toEqual(starts.map(() => 0));
      }
    }
  });

  it("[85] must restart times at 0 for each frame in mode chunk with sync_alignment on", async () => {
    const { frames } = await speakSegments(
      bench,
      plainSentences,
      "output_format=pcm_16000&sync_alignment=true",
    );
    const starts = alignmentsOf(frames).map((each) => each.charStartTimesMs[0]);
    expect(starts.length).toBeGreaterThan(plainSentences.length);
    expect(starts).toEqual(starts.map(() => 0));
  });

  it.for([{ sync: false }, { sync: true }])(
    "[86] must let times grow through the context in mode context, with sync_alignment $sync",
    async ({ sync }) => {
      const { frames } = await speakSegments(
        bench,
        plainSentences,
        `output_format=pcm_16000&x_alignment_base=context&sync_alignment=${sync}`,
      );
      let soundMs = 0;
      let lastEndMs = 0;
      const offBy: number[] = [];
      for (const frame of audioFrames(frames)) {
        if (frame.alignment) {
          const startMs = frame.alignment.charStartTimesMs[0] ?? Number.NaN;
          offBy.push(Math.abs(startMs - soundMs), Math.abs(startMs - lastEndMs));
          lastEndMs = endMs(frame);
        }
        soundMs += Buffer.byteLength(frame.audio, "base64") / 32;
      }
      expect(offBy.length).toBeGreaterThanOrEqual(2 * plainSentences.length);
      expect(Math.max(...offBy)).toBeLessThanOrEqual(1);
      expect(Math.abs(lastEndMs - soundMs)).toBeLessThanOrEqual(1);
    },
  );

  it.for(["pcm_16000", "pcm_24000", "pcm_44100"])(
    "[89] must attach alignment to every frame that starts a character with sync_alignment on: %s",
    async (format) => {
      const { frames } = await speakSegments(
        bench,
        sentences,
        `output_format=${format}&sync_alignment=true`,
      );
      const bytesPerMs = (2 * Number(format.slice(4))) / 1000;
      const sounds = audioFrames(frames);
      expect(alignmentsOf(frames).length).toBeGreaterThan(2 * sentences.length);
      // All characters are there, and each begins inside the sound it came with: so no frame
      // without alignment can start one.
      expect(spelled(frames)).toBe(sentences.join(""));
      for (const { audio, alignment } of sounds) {
        const soundMs = Buffer.byteLength(audio, "base64") / bytesPerMs;
        for (const startMs of alignment?.charStartTimesMs ?? []) {
          // A resampler holds back a few samples of what it is given.
          expect(startMs).toBeLessThanOrEqual(soundMs + 3);
        }
      }
    },
  );

  it("[90] must begin normalizedAlignment of each segment with one space, and alignment without the first message's", async () => {
    const { frames } = await speakSegments(bench, sentences, "output_format=pcm_16000");
    const normalized = alignmentsOf(frames, "normalizedAlignment").map(({ chars }) =>
      chars.slice(0, 2).join(""),
    );
    expect(normalized.length).toBeGreaterThanOrEqual(sentences.length);
    expect(normalized).toEqual(normalized.map(() => expect.stringMatching(/^ \S$/)));
    expect(alignmentsOf(frames)[0]?.chars[0]).toBe("T");
  });

  it.for(
    named("what", [
      { what: "with a space at its end", text: "Here we are. " },
      { what: "without one", text: "Here we are." },
      { what: "without punctuation", text: "Here we are" },
    ]),
  )("[91] must end both arrays of a segment with one space: a text %s", async ([, { text }]) => {
    const { frames } = await speakSegments(bench, [text, text], "output_format=pcm_16000");
    for (const which of ["alignment", "normalizedAlignment"] as const) {
      const ends = alignmentsOf(frames, which).map(({ chars }) => chars.slice(-2).join(""));
      expect(ends).toHaveLength(2);
      expect(ends).toEqual(ends.map(() => expect.stringMatching(/^\S $/)));
    }
  });

  const awkward = [
    { what: "double spaces", text: "Two  spaces   here,  and  there. " },
    { what: "line breaks", text: "First line\nSecond line.\n\nThird line\r\nwith\ttabs. " },
    { what: "emoji", text: "Hello 😀 world 👩‍👩‍👧 and 🇩🇪! " },
    { what: "accents", text: "Déjà vu, Müller über naïve façades; e\u0301 too. " },
    { what: "numbers", text: "In 1984, 3.5% of 1,200,000 paid $19.99 on 21/12. " },
    { what: "other scripts", text: "Привет and 你好 and مرحبا. " },
    { what: "quotes and brackets", text: "“Well,” he said (twice) — ‘no’… [sic] * _ ~ <b>. " },
    { what: "addresses", text: "Mail bob@example.com or see https://example.com/a?b=c&d. " },
    { what: "nothing to say", text: "... !!! Hello? ... " },
    { what: "abbreviations", text: "Dr. Smith Jr. met Mr. Jones vs. NASA, e.g. at 5 p.m. today. " },
  ];

  it.for(
    awkward.flatMap((row) => [
      { ...row, sync: false },
      { ...row, sync: true },
    ]),
  )(
    "[92] must give back the text as sent: $what, with sync_alignment $sync",
    async ({ text, sync }) => {
      const { frames, closed } = await bench.converse([{ text: " " }, { text }, { text: "" }], {
        voice: "flite-slt",
        query: `output_format=pcm_16000&sync_alignment=${sync}`,
      });
      expect(closed).toEqual(normalClose);
      expect(unspelled(text, frames).trim()).toBe("");
      expect(spelled(frames).endsWith(" ")).toBe(true);
    },
  );

  it("[92] must give back text in the pieces a language model sends", async () => {
    const text = awkward.map((row) => row.text).join("");
    const pieces = Array.from(text.match(/[\s\S]{1,3}/gu) ?? [], (piece) => ({ text: piece }));
    const { frames } = await bench.converse([{ text: " " }, ...pieces, { text: "" }], {
      voice: "flite-slt",
      query: "output_format=pcm_16000",
    });
    expect(unspelled(text, frames).trim()).toBe("");
  });

  it("[92] must give back all of 3,000 spaces in a row", async () => {
    const text = `Hello${" ".repeat(3000)}world. `;
    const { frames } = await speakSegments(bench, [text], "output_format=pcm_16000");
    expect(spelled(frames)).toBe(text);
  });

  it("[92] must not add anything where a text of plain words and spaces is cut", async () => {
    const text = "All the words are plain here, and so are the spaces. ".repeat(12);
    const { frames } = await speakSegments(bench, [text], "output_format=pcm_16000");
    expect(alignmentsOf(frames).length).toBeGreaterThan(4);
    expect(spelled(frames)).toBe(text);
  });

  it("[92] must leave out white space before the text", async () => {
    const { frames } = await bench.converse([{ text: "  \n  Hi there. " }, { text: "" }], {
      voice: "flite-slt",
      query: "output_format=pcm_16000",
    });
    expect(spelled(frames)).toBe("Hi there. ");
  });

  it.for(
    named("what", [
      { what: "plain words", texts: plainSentences },
      { what: "a number that takes long to say", texts: ["We counted 1897 oranges there. "] },
    ]),
  )("[93] should cut alignment between frames at spaces only: %s", async ([, { texts }]) => {
    const query = "output_format=pcm_16000&sync_alignment=true";
    const { frames } = await speakSegments(bench, texts, query);
    const pieces = alignmentsOf(frames).map(({ chars }) => chars.join(""));
    expect(pieces.length).toBeGreaterThan(texts.length);
    const cuts = pieces.slice(1).map((piece, index) => `${pieces[index]}|${piece}`);
    expect(cuts.filter((cut) => !/ \||\| /.test(cut))).toEqual([]);
  });

  it.for(
    named("what", [
      { what: "without dictionaries, sync_alignment off", first: {}, sync: false },
      { what: "without dictionaries, sync_alignment on", first: {}, sync: true },
      {
        what: "with a dictionary",
        first: {
          pronunciation_dictionary_locators: [
            {
              pronunciation_dictionary_id: "AAAAAAAAAAAAAAAAAAAA",
              version_id: "BBBBBBBBBBBBBBBBBBBB",
            },
          ],
        },
        sync: false,
      },
    ]),
  )("[94] must not repeat or overlap characters %s", async ([, { first, sync }]) => {
    const text = sentences.join("");
    const { frames } = await bench.converse(
      [{ text: " ", ...first }, { text, flush: true }, { text }, { text: "" }],
      {
        voice: "flite-slt",
        query: `output_format=pcm_16000&x_alignment_base=context&sync_alignment=${sync}`,
      },
    );
    expect(spelled(frames)).toBe(text + text);
    for (const which of ["alignment", "normalizedAlignment"] as const) {
      let endsAtMs = 0;
      const overlaps: number[] = [];
      for (const { charStartTimesMs, charDurationsMs } of alignmentsOf(frames, which)) {
        for (const [index, startMs] of charStartTimesMs.entries()) {
          if (startMs < endsAtMs - 1) overlaps.push(startMs);
          endsAtMs = startMs + (charDurationsMs[index] ?? 0);
        }
      }
      expect(overlaps).toEqual([]);
    }
  });
});
