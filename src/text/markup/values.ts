/** A break is no longer than this, whatever it asks for. */
export const maxBreakMs = 3_000;

/** How long `<break strength="…"/>` is. A break without attributes is a medium one. */
export const breakStrengthsMs: Readonly<Record<string, number>> = {
  none: 0,
  "x-weak": 250,
  weak: 500,
  medium: 750,
  strong: 1_000,
  "x-strong": 1_250,
};

/** What `<prosody rate="…">` multiplies the speed by. */
export const prosodyRates: Readonly<Record<string, number>> = {
  "x-slow": 0.5,
  slow: 0.75,
  medium: 1,
  default: 1,
  fast: 1.5,
  "x-fast": 2,
};
