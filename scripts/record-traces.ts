// Runs real clients into faults and keeps what they print: `npm run record:traces`, or with a pattern of
// the names of some runs behind `--`. It needs the client libraries (`npm run interop:install`) and, on
// Debian, `apt-get install python3-websockets python3-aiohttp curl`. It takes some minutes, because some
// faults do, and writes to test/data/traces.
import { addToCorpus, type Labelled } from "./traces/corpus.ts";
import { redact } from "./traces/redact.ts";
import type { Run } from "./traces/run.ts";
import { runs } from "./traces/runs/all.ts";
import { openScene, type Scene } from "./traces/scene.ts";

const pattern = new RegExp(process.argv[2] ?? "");
const wanted = runs.filter(({ name }) => pattern.test(name));
const faults: string[] = [];

async function record(run: Run): Promise<Labelled | undefined> {
  try {
    const scene = await openScene(run.server);
    try {
      return await recordIn(scene, run);
    } finally {
      await scene.close();
    }
  } catch (error) {
    faults.push(`${run.name}: ${String(error)}`);
    return undefined;
  }
}

async function recordIn(scene: Scene, run: Run): Promise<Labelled> {
  await run.before?.(scene);
  const recording = run.play.record(scene);
  await run.during?.(scene);
  const text = redact(await recording);
  if (text.trim() === "") throw new Error("it has printed nothing");
  if (notInstalled.test(text)) throw new Error(`its library is not installed\n${text}`);
  const fault = await faultOf(run, scene);
  if (fault !== undefined) throw new Error(`${fault}\n${text}`);
  return { label: labelOf(run), text };
}

/** What is printed by a client that could not even begin. */
const notInstalled = /ModuleNotFoundError|ERR_MODULE_NOT_FOUND|: not found/;

/** Whether the server, which does not know what is tried, has recorded something else. */
async function faultOf(run: Run, scene: Scene): Promise<string | undefined> {
  const { cause, alsoRight = [], server: { place = "here" } = {} } = run;
  if (place !== "here" || run.told === null) return undefined;
  const wanted = run.told === undefined ? [cause ?? "", ...alsoRight] : [run.told];
  const recorded = await scene.told(wanted);
  if (recorded.some((each) => wanted.includes(each))) return undefined;
  return `the server was to record ${wanted.join(" or ")}, and has ${recorded.join(", ") || "nothing"}`;
}

function labelOf({ name, cause, alsoRight = [], vendor, note, play }: Run): Labelled["label"] {
  return {
    file: `${name}.${play.ending}`,
    cause,
    alsoRight: [...alsoRight],
    origin: "run",
    source: null,
    framework: play.framework,
    vendor: vendor === undefined ? "elevenlabs" : vendor,
    note,
  };
}

async function recordAll(some: readonly Run[]): Promise<(Labelled | undefined)[]> {
  const recorded: (Labelled | undefined)[] = [];
  for (const run of some) recorded.push(await record(run));
  return recorded;
}

// Those that mostly wait do so together.
const long = wanted.filter(({ isLong }) => isLong).map((run) => record(run));
const short = await recordAll(wanted.filter(({ isLong }) => !isLong));
const traces = [...short, ...(await Promise.all(long))].filter((each) => each !== undefined);
await addToCorpus(traces);
process.stdout.write(`${traces.length} of ${wanted.length} traces recorded\n`);
for (const fault of faults) process.stdout.write(`NOT ${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
