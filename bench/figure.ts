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
}

export function valueOf({ compare, measured, bound }: Figure): number {
  if (compare === "ratio") return measured / bound;
  return compare === "absolute" ? measured : measured - bound;
}

export function isReached(figure: Figure): boolean {
  const value = valueOf(figure);
  return figure.better === "lower" ? value <= figure.target : value >= figure.target;
}

const number = (value: number): string => value.toFixed(value < 100 ? 2 : 0);

/** A table of the figures for a terminal. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = [
    ["figure", "measured", "bound in the same run", "compared", "to reach", ""],
    ...figures.map((figure) => [
      figure.name,
      `${number(figure.measured)} ${figure.unit}`,
      `${number(figure.bound)} ${figure.unit} (${figure.boundName})`,
      figure.compare === "ratio"
        ? `${number(valueOf(figure))} x`
        : `${number(valueOf(figure))} ${figure.unit}`,
      `${figure.better === "lower" ? "<=" : ">="} ${figure.target}`,
      isReached(figure) ? "reached" : "MISSED",
    ]),
  ];
  return alignColumns(rows);
}
