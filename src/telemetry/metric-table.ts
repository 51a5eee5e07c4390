/**
 * Every metric that the server's work is counted in. `/metrics` and docs/metrics.md are made from
 * it. Buckets are few, because each is a series for every voice, and close together where a
 * decision is made.
 */
export const metricRows = {
  firstAudio: {
    name: "syrinx_first_audio_seconds",
    kind: "histogram",
    labels: ["dialect", "engine", "voice"],
    // People take turns within 0.2 s and notice a wait from about 0.5 s on: there the steps are
    // small enough to read a percentile to a fifth. Below 50 ms only the engine can be seen, and
    // above 2 s it is too late, or the client is slow with its text.
    buckets: [0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2, 5, 10],
    help: "From the first text of a context to its first audio. Includes the wait for text, if the client sends it slowly.",
  },
  queue: {
    name: "syrinx_engine_queue_seconds",
    kind: "histogram",
    labels: ["engine"],
    // Nobody hears 5 ms; 0.1 s is a noticeable part of a turn's budget; what waits for seconds
    // need not be told apart.
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    help: "How long an utterance waited for a worker of its engine.",
  },
  rtf: {
    name: "syrinx_rtf_ratio",
    kind: "histogram",
    labels: ["engine", "voice"],
    // Built-in voices need a thousandth to a fiftieth of real time, neural ones on a CPU a tenth to
    // all of it; at 1 speech is made as fast as it is heard, so 0.7 is the last call.
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 3],
    help: "Processor time that an engine took for an utterance, divided by the length of its audio.",
  },
  underrun: {
    name: "syrinx_underrun_seconds",
    kind: "histogram",
    labels: ["dialect", "engine", "voice"],
    // One packet of a call lasts 20 ms, jitter buffers hide up to 0.1 s, and after a second the
    // listener takes it for the end.
    buckets: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    help: "How long a listener who hears audio at its own pace had to wait in the middle of it; the count is the number of underruns.",
  },
  characters: {
    name: "syrinx_characters_total",
    kind: "counter",
    labels: ["dialect", "engine", "voice"],
    help: "Characters given to an engine, in Unicode code points.",
  },
  audio: {
    name: "syrinx_audio_seconds_total",
    kind: "counter",
    labels: ["dialect", "engine", "voice"],
    help: "Length of the audio that engines have made for listeners.",
  },
  synthesis: {
    name: "syrinx_synthesis_seconds_total",
    kind: "counter",
    labels: ["engine", "voice"],
    help: "Processor time that engines took for it. Divided by the audio seconds it is the RTF.",
  },
  lookups: {
    name: "syrinx_cache_lookups_total",
    kind: "counter",
    labels: ["engine", "outcome"],
    help: "Utterances that were looked for among those spoken before: hit, or miss. Those of requests with enable_logging=false are neither looked for nor kept.",
  },
  cacheBytes: {
    name: "syrinx_cache_bytes",
    kind: "gauge",
    labels: [],
    help: "Speech that is kept in case that it is asked for again; --cache-mib limits it.",
  },
  connections: {
    name: "syrinx_connections_open",
    kind: "gauge",
    labels: ["dialect", "transport", "route"],
    help: "Sockets that are open, and requests that are being answered by speaking.",
  },
  contexts: {
    name: "syrinx_contexts_open",
    kind: "gauge",
    labels: ["dialect"],
    help: "Streams of speech that are open, idle ones too.",
  },
  speaking: {
    name: "syrinx_streams_speaking",
    kind: "gauge",
    labels: ["dialect"],
    help: "Streams that speak; --max-concurrency limits them.",
  },
  load: {
    name: "syrinx_load_ratio",
    kind: "gauge",
    labels: [],
    overProcesses: "average",
    help: "The share of the processors that those take who are being spoken to, as far as it has been learned. Near 1 new ones are refused with server_busy, unless --overload admit.",
  },
  queuedBytes: {
    name: "syrinx_queued_bytes",
    kind: "gauge",
    labels: [],
    help: "Bytes that wait in sockets for slow readers.",
  },
  fileBytes: {
    name: "syrinx_file_bytes",
    kind: "gauge",
    labels: [],
    help: "Bytes of files over HTTP that are sent in one go, from their first sound until they are read. --max-queued-mib limits them.",
  },
  closes: {
    name: "syrinx_closes_total",
    kind: "counter",
    labels: ["dialect", "transport", "cause"],
    help: "Connections that ended, by their cause: one of docs/errors.md.",
  },
  ends: {
    name: "syrinx_contexts_ended_total",
    kind: "counter",
    labels: ["dialect", "outcome"],
    help: "Streams of speech that ended: complete, cancelled, failed, idle_timeout, or unused without any text.",
  },
  refusals: {
    name: "syrinx_refusals_total",
    kind: "counter",
    labels: ["dialect", "scope", "cause"],
    help: "What clients were told no to, by the code of the problem: an upgrade, a request, or a context of a socket that stayed open.",
  },
  engineRestarts: {
    name: "syrinx_engine_restarts_total",
    kind: "counter",
    labels: ["engine"],
    help: "Workers of an engine that crashed or hung and were replaced.",
  },
  upstreams: {
    name: "syrinx_upstream_up",
    kind: "gauge",
    labels: ["upstream"],
    overProcesses: "average",
    help: "1 while another server that voices are spoken through does what it is asked; 0 when it failed so often that it is left alone, or is being tried again.",
  },
  upstreamFailures: {
    name: "syrinx_upstream_failures_total",
    kind: "counter",
    labels: ["upstream", "fault"],
    help: "Requests to another server that failed, by what was wrong. What is tried again counts each time.",
  },
  failovers: {
    name: "syrinx_failovers_total",
    kind: "counter",
    labels: ["voice", "when"],
    help: "Times that the next engine of a voice had to speak, before anything was heard or midway in an utterance.",
  },
  encoderRestarts: {
    name: "syrinx_encoder_restarts_total",
    kind: "counter",
    labels: [],
    help: "Threads that encode and died; the streams they coded ended with internal_error.",
  },
  build: {
    name: "syrinx_build_info",
    kind: "gauge",
    labels: ["version", "node"],
    help: "1 for each process, with the versions it runs.",
  },
  cpu: {
    name: "process_cpu_seconds_total",
    kind: "counter",
    labels: [],
    help: "CPU time of the process, all threads together.",
  },
  residentMemory: {
    name: "process_resident_memory_bytes",
    kind: "gauge",
    labels: [],
    help: "Memory of the process, all threads together.",
  },
  heap: {
    name: "nodejs_heap_size_used_bytes",
    kind: "gauge",
    labels: [],
    help: "Part of it that holds objects of the main thread.",
  },
  eventLoop: {
    name: "nodejs_eventloop_time_seconds_total",
    kind: "counter",
    labels: ["state"],
    help: "Time of the main thread, active or idle. One that is always active delays every stream.",
  },
} as const;

/** Names a metric inside the code. */
export type MetricKey = keyof typeof metricRows;

/** The values for the labels of a metric. */
export type LabelsOf<Key extends MetricKey> = Readonly<
  Record<(typeof metricRows)[Key]["labels"][number], string>
>;

/** One metric: how it is named, counted and split. */
export interface MetricRow {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  /** Each takes few values: none is an id, a key or anything else that a client may invent. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, beside infinity. */
  readonly buckets?: readonly number[];
  /** What several processes tell together; their sum unless it is said. */
  readonly overProcesses?: "average";
  /** What it says, for whoever reads `/metrics`. */
  readonly help: string;
}

/** Every row, in the order of the table. */
export const metricEntries: readonly (readonly [MetricKey, MetricRow])[] = Object.entries(
  metricRows,
) as [MetricKey, MetricRow][];
