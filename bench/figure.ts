import { median, percentile } from "../src/load/percentile.ts";
import { alignColumns } from "../src/load/report-table.ts";

/** One measured figure beside the bound it is compared with, both from the same run. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly measured: number;
  readonly bound: number;
  readonly boundName: string;
  /** `ratio`: measured / bound; `absolute`: measured itself; `difference`: measured - bound. */
  readonly compare: "ratio" | "absolute" | "difference";
  readonly target: number;
  readonly better: "lower" | "higher";
  /** Of what was compared in each round, the median, and the lowest and the highest. */
  readonly compared?: number;
  readonly spread?: readonly [number, number];
}

/** What one round measured, and the bound right before or after it. */
export interface Round {
  readonly measured: number;
  readonly bound: number;
}

/** The figure of interleaved rounds: the medians, and how far the rounds were apart. */
export function figureOfRounds(
  figure: Omit<Figure, "measured" | "bound" | "compared" | "spread">,
  rounds: readonly Round[],
): Figure {
  const values = rounds.map((round) => valueOf({ ...figure, ...round }));
  return {
    ...figure,
    measured: median(rounds.map(({ measured }) => measured)),
    bound: median(rounds.map(({ bound }) => bound)),
    compared: median(values),
    spread: [Math.min(...values), Math.max(...values)],
  };
}

export function valueOf({ compare, measured, bound, compared }: Figure): number {
  if (compared !== undefined) return compared;
  if (compare === "ratio") return measured / bound;
  return compare === "absolute" ? measured : measured - bound;
}

export function isReached(figure: Figure): boolean {
  const value = valueOf(figure);
  return figure.better === "lower" ? value <= figure.target : value >= figure.target;
}

const number = (value: number): string => value.toFixed(value < 100 ? 2 : 0);

const formatSpread = ({ spread }: Figure): string =>
  spread ? ` (${spread.map(number).join(" to ")})` : "";

/** A table of the figures for a terminal. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = [
    ["figure", "measured", "bound in the same run", "compared", "to reach", ""],
    ...figures.map((figure) => [
      figure.name,
      `${number(figure.measured)} ${figure.unit}`,
      `${number(figure.bound)} ${figure.unit} (${figure.boundName})`,
      `${number(valueOf(figure))} ${figure.compare === "ratio" ? "x" : figure.unit}${formatSpread(figure)}`,
      `${figure.better === "lower" ? "<=" : ">="} ${number(figure.target)}`,
      isReached(figure) ? "reached" : "MISSED",
    ]),
  ];
  return alignColumns(rows);
}

export const percentile95 = (values: readonly number[]): number => percentile(values, 0.95);
