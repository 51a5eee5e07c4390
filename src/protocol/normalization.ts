/**
 * Whether figures, dates, addresses and abbreviations are written out in words before a voice reads
 * a text. `auto`: for voices that cannot read them themselves; `on`: for every voice of a language
 * that there are readings for; `off`: for none, which then reads the text as it is.
 */
export type TextNormalization = (typeof textNormalizations)[number];

export const textNormalizations = ["auto", "on", "off"] as const;
