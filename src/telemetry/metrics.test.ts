import { describe, expect, it } from "vitest";
import type { EngineStatus } from "../protocol/engines.ts";
import type { ConnectionSubject, ContextSubject } from "../protocol/observer.ts";
import type { TurnSummary } from "../protocol/speech.ts";
import { metricEntries } from "./metric-table.ts";
import { endBy, subjectOfSocket } from "../../test/support/connections.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { joinSnapshots } from "./prometheus.ts";

const socket: ConnectionSubject = subjectOfSocket({
  dialect: "elevenlabs",
  route: "/v1/text-to-speech/:voice_id/stream-input",
});

const subject: ContextSubject = {
  id: "",
  voice: {
    id: "Voice000000000000001",
    slug: "flite-slt",
    name: "SLT",
    engine: "flite",
    sex: "female",
    language: "en-US",
    description: "",
    sampleRateHz: 16_000,
    timings: "exact",
    heeds: [],
  },
  model: {
    id: "model",
    name: "Model",
    description: "",
    maxTextChars: 1,
    onSockets: true,
    costPerChar: 1,
  },
  format: { encoding: "pcm_s16le", container: "raw", sampleRateHz: 16_000 },
};

const turn: TurnSummary = {
  outcome: "complete",
  characters: 12,
  audioMs: 2000,
  frames: 3,
  ttfbMs: 120,
  synthesisMs: 100,
};

const create = (queuedBytes = 0, load = 0, engines: readonly EngineStatus[] = []): Metrics =>
  createMetrics("1.2.3", {
    fileBytes: () => 0,
    queuedBytes: () => queuedBytes,
    load: () => load,
    cacheBytes: () => 0,
    engines: () => engines,
  });

/** The samples of one metric, as Prometheus reads them, without the buckets. */
async function samplesOf({ registry }: Pick<Metrics, "registry">, name: string): Promise<string[]> {
  const lines = (await registry.metrics()).split("\n");
  return lines.filter((line) => line.startsWith(name) && !/^\S+_bucket/.test(line));
}

const speaker = 'dialect="elevenlabs",engine="flite",voice="flite-slt"';

describe("metrics", () => {
  it("count one utterance with all that belongs to it", async () => {
    const metrics = create();
    const connection = metrics.observer.connection(socket);
    const context = connection.context(subject);
    context.text();
    context.speaking();
    const utterance = context.utterance({ characters: 12 });
    utterance.dispatched(30);
    utterance.firstAudio();
    utterance.synthesized(2000, 100);
    context.firstAudio(120);
    context.underrun(40);
    utterance.ended();

    expect(await samplesOf(metrics, "syrinx_first_audio_seconds")).toEqual([
      `syrinx_first_audio_seconds_sum{${speaker}} 0.12`,
      `syrinx_first_audio_seconds_count{${speaker}} 1`,
    ]);
    expect(await samplesOf(metrics, "syrinx_engine_queue_seconds")).toEqual([
      'syrinx_engine_queue_seconds_sum{engine="flite"} 0.03',
      'syrinx_engine_queue_seconds_count{engine="flite"} 1',
    ]);
    expect(await samplesOf(metrics, "syrinx_rtf_ratio_sum")).toEqual([
      'syrinx_rtf_ratio_sum{engine="flite",voice="flite-slt"} 0.05',
    ]);
    expect(await samplesOf(metrics, "syrinx_underrun_seconds_count")).toEqual([
      `syrinx_underrun_seconds_count{${speaker}} 1`,
    ]);
    expect(await samplesOf(metrics, "syrinx_characters_total")).toEqual([
      `syrinx_characters_total{${speaker}} 12`,
    ]);
    expect(await samplesOf(metrics, "syrinx_audio_seconds_total")).toEqual([
      `syrinx_audio_seconds_total{${speaker}} 2`,
    ]);
    expect(await samplesOf(metrics, "syrinx_synthesis_seconds_total")).toEqual([
      'syrinx_synthesis_seconds_total{engine="flite",voice="flite-slt"} 0.1',
    ]);
  });

  it("count what a voice says under the engine it has by then", async () => {
    const metrics = create();
    const connection = metrics.observer.connection(socket);
    connection.context(subject).utterance({ characters: 1 });
    const changed = { ...subject, voice: { ...subject.voice, engine: "tone" } };
    connection.context(changed).utterance({ characters: 20 });
    expect(await samplesOf(metrics, "syrinx_characters_total")).toEqual([
      `syrinx_characters_total{${speaker}} 1`,
      `syrinx_characters_total{${speaker.replace("flite", "tone")}} 20`,
    ]);
  });

  it("show what is open now, and how it ended", async () => {
    const metrics = create(4096);
    const connection = metrics.observer.connection(socket);
    const context = connection.context(subject);
    context.speaking();
    const open = [
      `syrinx_connections_open{dialect="elevenlabs",transport="socket",route="${socket.route}"}`,
      'syrinx_contexts_open{dialect="elevenlabs"}',
      'syrinx_streams_speaking{dialect="elevenlabs"}',
    ];
    for (const series of open) {
      expect(await samplesOf(metrics, series)).toEqual([`${series} 1`]);
    }
    expect(await samplesOf(metrics, "syrinx_queued_bytes")).toEqual(["syrinx_queued_bytes 4096"]);

    context.paused();
    context.ended("complete", turn);
    connection.refused({ code: "too_many_contexts", details: {} }, undefined);
    connection.closed(endBy("input_timeout"));
    for (const series of open) {
      expect(await samplesOf(metrics, series)).toEqual([`${series} 0`]);
    }
    expect(await samplesOf(metrics, "syrinx_contexts_ended_total")).toEqual([
      'syrinx_contexts_ended_total{dialect="elevenlabs",outcome="complete"} 1',
    ]);
    expect(await samplesOf(metrics, "syrinx_closes_total")).toEqual([
      'syrinx_closes_total{dialect="elevenlabs",transport="socket",cause="input_timeout"} 1',
    ]);
    expect(await samplesOf(metrics, "syrinx_refusals_total")).toEqual([
      'syrinx_refusals_total{dialect="elevenlabs",scope="context",cause="too_many_contexts"} 1',
    ]);
  });

  it("begin at zero for faults that have not happened", async () => {
    const metrics = create();
    metrics.expect(["flite"], ["elevenlabs"]);
    const series = 'syrinx_engine_restarts_total{engine="flite"}';
    expect(await samplesOf(metrics, series)).toEqual([`${series} 0`]);
    expect(await samplesOf(metrics, "syrinx_encoder_restarts_total")).toEqual([
      "syrinx_encoder_restarts_total 0",
    ]);
    metrics.observer.engineRestarted("flite");
    expect(await samplesOf(metrics, series)).toEqual([`${series} 1`]);
    expect(await samplesOf(metrics, "syrinx_closes_total")).toContain(
      'syrinx_closes_total{dialect="elevenlabs",transport="socket",cause="engine_failed"} 0',
    );
  });

  it("never throw, whatever they are told", async () => {
    const metrics = create();
    const context = metrics.observer.connection(socket).context(subject);
    const utterance = context.utterance({ characters: Number.NaN });
    utterance.synthesized(0, 0);
    utterance.synthesized(Number.NaN, Number.POSITIVE_INFINITY);
    utterance.dispatched(Number.NaN);
    context.utterance({ characters: -1 });
    expect(await samplesOf(metrics, "syrinx_rtf_ratio")).toEqual([]);
    expect(await samplesOf(metrics, "syrinx_characters_total")).toEqual([]);
  });

  it("share what watches idle streams of one kind", () => {
    const { observer } = create();
    const [one, other] = [observer.connection(socket), observer.connection(socket)];
    expect(one).toBe(other);
    expect(one.context(subject)).toBe(other.context(subject));
    expect(observer.connection({ ...socket, route: "/other" })).not.toBe(one);
  });

  it("belong to their server alone", async () => {
    const [one, other] = [create(), create()];
    one.observer.encoderRestarted();
    expect(await samplesOf(other, "syrinx_encoder_restarts_total")).toEqual([
      "syrinx_encoder_restarts_total 0",
    ]);
  });

  it("of several processes add up, and shares of the machine are averaged", async () => {
    const processes = [create(1, 0.25), create(2, 0.75)];
    for (const { observer } of processes) {
      const context = observer.connection(socket).context(subject);
      context.firstAudio(120);
      context.utterance({ characters: 5 });
    }
    const snapshots = await Promise.all(
      processes.map(({ registry }) => registry.getMetricsAsJSON()),
    );
    // As it arrives from another process.
    const registry = joinSnapshots(JSON.parse(JSON.stringify(snapshots)));
    expect(await samplesOf({ registry }, "syrinx_first_audio_seconds_count")).toEqual([
      `syrinx_first_audio_seconds_count{${speaker}} 2`,
    ]);
    expect(await samplesOf({ registry }, "syrinx_characters_total")).toEqual([
      `syrinx_characters_total{${speaker}} 10`,
    ]);
    expect(await samplesOf({ registry }, "syrinx_queued_bytes")).toEqual(["syrinx_queued_bytes 3"]);
    expect(await samplesOf({ registry }, "syrinx_load_ratio")).toEqual(["syrinx_load_ratio 0.5"]);
  });
});

describe("metrics of other servers", () => {
  const status = (state: "up" | "trying" | "down"): EngineStatus => ({
    name: "openai",
    voices: 1,
    streams: true,
    isDeterministic: false,
    upstreams: [{ name: "openai http://other", state, failures: 0 }],
  });

  it.each([
    ["up", 1],
    ["trying", 0],
    ["down", 0],
  ] as const)("tell once whether one is up: %s", async (state, value) => {
    const metrics = create(0, 0, [status(state), status(state)]);
    expect(await samplesOf(metrics, "syrinx_upstream_up")).toEqual([
      `syrinx_upstream_up{upstream="openai http://other"} ${value}`,
    ]);
  });

  it("count what failed, and who had to speak instead", async () => {
    const metrics = create();
    metrics.observer.upstreamFailed("openai http://other", "stalled");
    metrics.observer.failedOver("careful", "midway");
    expect(await samplesOf(metrics, "syrinx_upstream_failures_total")).toEqual([
      'syrinx_upstream_failures_total{upstream="openai http://other",fault="stalled"} 1',
    ]);
    expect(await samplesOf(metrics, "syrinx_failovers_total")).toEqual([
      'syrinx_failovers_total{voice="careful",when="midway"} 1',
    ]);
  });
});

describe("the table of metrics", () => {
  it.each(metricEntries)("names %s as Prometheus wants it", (_key, row) => {
    expect(row.name).toMatch(/^(?:syrinx|process|nodejs)_[a-z_]+$/);
    expect(row.name.endsWith("_total")).toBe(row.kind === "counter");
    if (row.kind !== "histogram") return;
    expect(row.name).toMatch(/_(?:seconds|ratio)$/);
    expect(row.buckets?.length).toBeLessThanOrEqual(14);
    expect(row.buckets).toEqual(row.buckets?.toSorted((one, other) => one - other));
  });

  it("splits by nothing that a client may invent", () => {
    const labels = new Set(metricEntries.flatMap(([, row]) => row.labels));
    const bounded = ["dialect", "engine", "voice", "transport", "route", "cause", "outcome"];
    const ofTheProcess = ["scope", "version", "node", "state"];
    // Upstreams are named in files of the server's owner.
    const ofOtherServers = ["upstream", "fault", "when"];
    expect([...labels].toSorted()).toEqual(
      [...bounded, ...ofTheProcess, ...ofOtherServers].toSorted(),
    );
  });
});
