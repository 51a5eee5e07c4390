import { spell } from "./reading.ts";

/**
 * Read letter by letter although they could be words; those without a vowel need no table. Left
 * out is what is a word too when somebody shouts: IT, US.
 */
const acronyms: ReadonlySet<string> = new Set(
  `AI AKA API AWS CEO CIA CIO COO DIY EOD EOF ESL ETA EU EUR EV FAQ FBI GPA GPU GUI HIV ID IMF IO IOU
   IP IPO IQ IRS ISP IUD IVF LED MRI NGO OCR OEM OS QA SEO SLA SUV UAE UFO UI UK UN UPC UPS URI URL
   USA USB USD UTC UTI UV UX VIP`.split(/\s+/),
);

/** An acronym's letters, with the ending of "CEOs" and "CEO's"; nothing for any other word. */
export function readAcronym(word: string): string | undefined {
  const [, letters = "", ending] = /^([A-Z]+)('?s)?$/.exec(word) ?? [];
  if (!acronyms.has(letters)) return undefined;
  return spell(letters).join(" ") + (ending === undefined ? "" : "'s");
}
