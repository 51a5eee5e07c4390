/** A text made safe between tags and in attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** One axis: where values lie, and which of them are written at it. */
export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

const tickSteps = [1, 2, 5, 10];

/** An axis from 0 to a round number that is not below `max`. */
export function linearAxis(label: string, max: number, ticks = 6): Axis {
  const rough = Math.max(max, 1e-3) / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (tickSteps.find((each) => each * power >= rough * 0.999) ?? 10);
  const count = Math.ceil(max / step - 1e-9) || 1;
  return {
    label,
    from: 0,
    to: count * step,
    ticks: Array.from({ length: count + 1 }, (_, index) => {
      const at = index * step;
      return { at, text: String(Number(at.toPrecision(6))) };
    }),
  };
}

/** Where a share (0..1) lies on an axis that stretches the last percents: p90, p99 and p99.9 are as far apart. */
export const shareAt = (share: number): number => -Math.log10(1 - share);

/** An axis of percentiles, as far as so many values can tell them apart. */
export function percentileAxis(label: string, values: number): Axis {
  const to = shareAt(1 - 0.5 / Math.max(values, 2));
  const shares = [0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999];
  const ticks = shares
    .map((share) => ({ at: shareAt(share), text: `p${Number((share * 100).toFixed(2))}` }))
    .filter(({ at }) => at <= to);
  return { label, from: 0, to, ticks };
}

/** Maps values of both axes to places in the picture. */
export interface Scale {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

const margin = { left: 64, right: 16, top: 12, bottom: 44 };
const width = 960;

/** A picture with two axes and what `draw` puts between them. */
export function plot(
  title: string,
  xAxis: Axis,
  yAxis: Axis,
  height: number,
  draw: (scale: Scale) => string,
): string {
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const between = (axis: Axis, from: number, to: number) => (value: number) =>
    round(from + ((value - axis.from) / (axis.to - axis.from || 1)) * (to - from));
  const x = between(xAxis, margin.left, right);
  const y = between(yAxis, bottom, margin.top);
  const lines = [
    ...xAxis.ticks.map(
      ({ at, text }) =>
        `<path class="grid" d="M${x(at)} ${margin.top}V${bottom}"/>` +
        `<text x="${x(at)}" y="${bottom + 16}" text-anchor="middle">${escapeHtml(text)}</text>`,
    ),
    ...yAxis.ticks.map(
      ({ at, text }) =>
        `<path class="grid" d="M${margin.left} ${y(at)}H${right}"/>` +
        `<text x="${margin.left - 8}" y="${y(at) + 4}" text-anchor="end">${escapeHtml(text)}</text>`,
    ),
    `<text x="${(margin.left + right) / 2}" y="${height - 8}" text-anchor="middle">${escapeHtml(xAxis.label)}</text>`,
    `<text transform="translate(14 ${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(yAxis.label)}</text>`,
  ];
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">` +
    `${lines.join("")}${draw({ x, y })}</svg>`
  );
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** A line that goes right before it goes up, as distributions do. */
export function stepLine(points: readonly (readonly [number, number])[], { x, y }: Scale): string {
  return points
    .map(([atX, atY], index) => (index === 0 ? `M${x(atX)} ${y(atY)}` : `H${x(atX)}V${y(atY)}`))
    .join("");
}

/** A bar in a row of a timeline: between two values of the x axis, around one of the y axis. */
export function bar(
  from: number,
  to: number,
  row: number,
  thickness: number,
  scale: Scale,
): string {
  const left = scale.x(from);
  const long = Math.max(0.5, round(scale.x(to) - left));
  return `M${left} ${round(scale.y(row) - thickness / 2)}h${long}v${thickness}h${-long}z`;
}

/** A dot, as a line without length that the style gives round ends. */
export const dot = (x: number, y: number, scale: Scale): string => `M${scale.x(x)} ${scale.y(y)}h0`;
