import type { ConnectionRecord, StoryEvent } from "../protocol/connections.ts";
import { type Axis, bar, dot, escapeHtml, linearAxis, plot, type Scale } from "../svg-plot.ts";
import { describeMessage, explain, seconds } from "./explanation.ts";

/** Contexts that have a row of their own in the drawing. */
const maxRows = 12;
const rowHeight = 34;
/** Of a message that was recorded as it was. */
const shownLength = 500;

/**
 * A connection's story as one page: why it ended, a drawing, and all events. Everything is in it: it
 * needs no network and runs no script.
 */
export function drawStory(record: ConnectionRecord): string {
  const { sentence, advice, evidence, cause } = explain(record);
  const facts = [
    new Date(record.openedAtMs).toISOString(),
    `${record.transport === "socket" ? "WebSocket" : record.method} ${record.url}`,
    `open for ${seconds(record.durationMs)}`,
    ...(record.keyId === undefined ? [] : [`key ${record.keyId}`]),
    ...(record.voiceId === undefined ? [] : [`voice ${record.voiceId}`]),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(record.id)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(sentence)}</h1>
<p>${escapeHtml(advice)}</p>
<p><code>${escapeHtml(cause)}</code> · ${facts.map(escapeHtml).join(" · ")}</p>
<h2>What shows it</h2>
<ul>${evidence.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>
<h2>Story</h2>
<p><i class="key text"></i> text in <i class="key other"></i> other messages in <i class="key audio"></i> audio out <i class="key told"></i> other messages out <i class="key speaking"></i> speaking <i class="key held"></i> reader waited for <i class="key timer"></i> timer</p>
${drawing(record)}
${leftOut(record)}
<table><tr><th>s</th><th>context</th><th>what</th></tr>
${record.events.map(row).join("\n")}
</table>
</body>
</html>
`;
}

/** What is drawn of one row, each kind in one path. */
type Layer = Record<"text" | "other" | "audio" | "told" | "speaking" | "held" | "timer", string>;

function drawing(record: ConnectionRecord): string {
  const { events, durationMs } = record;
  const contexts = [...new Set(events.map(({ context }) => context))]
    .filter((context) => context !== undefined)
    .slice(0, maxRows);
  const names = ["the connection", ...contexts.map((context) => context || "(no name)")];
  const xAxis = linearAxis(
    "seconds since the connection began",
    Math.max(durationMs, 1) / 1000,
    10,
  );
  const yAxis: Axis = {
    label: "",
    from: names.length - 0.5,
    to: -0.5,
    ticks: names.map((name, at) => ({ at, text: name.length > 9 ? `${name.slice(0, 8)}…` : name })),
  };
  return plot("what happened when", xAxis, yAxis, names.length * rowHeight + 56, (scale) => {
    const layers = [undefined, ...contexts].map((context, at) =>
      drawRow(
        events.filter((event) => event.context === context),
        at,
        durationMs,
        scale,
      ),
    );
    return layers.flatMap((layer) => Object.entries(layer).map(asPath)).join("");
  });
}

const asPath = ([name, path]: [string, string]): string =>
  path === "" ? "" : `<path class="${name}" d="${path}"/>`;

function drawRow(
  events: readonly StoryEvent[],
  at: number,
  durationMs: number,
  scale: Scale,
): Layer {
  const dots = (picked: (event: StoryEvent) => boolean, offset: number): string =>
    events
      .filter(picked)
      .map(({ atMs }) => dot(atMs / 1000, at + offset, scale))
      .join("");
  const isText = ({ parts }: StoryEvent): boolean => parts.includes("text");
  const isAudio = ({ word }: StoryEvent): boolean => word === "audio";
  return {
    speaking: spans(events, "speaking", "paused", durationMs, at, 14, scale),
    held: spans(events, "held", "released", durationMs, at, 14, scale),
    timer: events
      .filter(({ type }) => type === "timer_fired")
      .map(({ atMs, values }) =>
        bar((values["lastResetAtMs"] ?? 0) / 1000, atMs / 1000, at + 0.3, 2, scale),
      )
      .join(""),
    text: dots((event) => event.type === "received" && isText(event), -0.2),
    other: dots((event) => event.type === "received" && !isText(event), -0.2),
    audio: dots((event) => event.type === "sent" && isAudio(event), 0.1),
    told: dots((event) => event.type === "sent" && !isAudio(event), 0.1),
  };
}

/** Bars from each `begin` to the `end` that follows it. */
function spans(
  events: readonly StoryEvent[],
  begin: StoryEvent["type"],
  end: StoryEvent["type"],
  durationMs: number,
  at: number,
  thickness: number,
  scale: Scale,
): string {
  return events
    .map(({ type, atMs }, index) => {
      if (type !== begin) return "";
      const until = events.slice(index).find((event) => event.type === end)?.atMs ?? durationMs;
      return bar(atMs / 1000, until / 1000, at, thickness, scale);
    })
    .join("");
}

function leftOut({ counts: { eventsLeftOut } }: ConnectionRecord): string {
  return eventsLeftOut === 0
    ? ""
    : `<p>${eventsLeftOut} events in the middle are not kept: the beginning and the end of a story are.</p>`;
}

function row(event: StoryEvent): string {
  const content = event.content === undefined ? "" : `: ${event.content.slice(0, shownLength)}`;
  const what = `${describeEvent(event)}${content}`;
  const cells = [(event.atMs / 1000).toFixed(3), event.context ?? "", what];
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;
}

function describeEvent(event: StoryEvent): string {
  if (event.type === "received") {
    return `received: ${describeMessage({ ...event, context: undefined })}`;
  }
  const values = Object.entries(event.values).map(([name, value]) => `${name} ${round(value)}`);
  return [event.type.replaceAll("_", " "), event.word ?? "", values.join(", ")]
    .filter((part) => part !== "")
    .join(" · ");
}

const round = (value: number): number => Math.round(value * 10) / 10;

const style = `
:root { color-scheme: light dark; --line: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 980px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .1rem .8rem .1rem 0; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; font-size: 11px; }
svg text { fill: currentColor; }
.grid { stroke: var(--line); }
path.text, path.other, path.audio, path.told { fill: none; stroke-width: 6; stroke-linecap: round; }
path.text { stroke: #1f6fb4; } path.other { stroke: #7fa8cc; } path.audio { stroke: #2c8a3c; } path.told { stroke: #8a4fbf; }
path.speaking { fill: #2c8a3c33; } path.held { fill: #d1620a55; } path.timer { fill: #d02c2c; }
.key { display: inline-block; width: .8em; height: .8em; border-radius: .4em; }
i.text { background: #1f6fb4; } i.other { background: #7fa8cc; } i.audio { background: #2c8a3c; } i.told { background: #8a4fbf; }
i.speaking { background: #2c8a3c55; } i.held { background: #d1620a; } i.timer { background: #d02c2c; }
`;
