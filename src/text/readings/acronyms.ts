import { spell } from "./reading.ts";

/**
 * Read letter by letter although they could be words; those without a vowel need no table, and all
 * that are in none are words: NASA, NATO. Left out is what is a word too when somebody shouts: IT,
 * US, WHO.
 */
const acronyms: ReadonlySet<string> = new Set(
  `ADA ADHD AED AGM AI AKA AP API APR ASR ATM AWS BA BMI CAO CEO CIA CIO CISO COO CTO DIY DOB DOJ
   DUI ECB ECG EDT EEG EKG EOD EOF EPA ER ESL ESP EST ETA ETF EU EUR EV FAA FAQ FBI GDPR GIS
   GPA GPU GUI HBO HIV IBM ICU ID IDE IEEE IIS IMF IMO IO IOU IP IPO IQ IRA IRS ISP IST IUD IVF IVR
   IOS LED LOL MBA MIA MIT MOT MRI MVP NBA NGO NIH OCR OEM OMG OS OTP POA POS POV QA QR
   RIP ROI RSVP SAP SEC SEO SIP SLA SUV TBA TBD TIA UAE UFC UFO UI UK UN UPC UPS URI URL USA
   USB USD USPS UTC UTI UV UX VIP YMCA`.split(/\s+/),
);

/** An acronym's letters, with the ending of "CEOs" and "CEO's"; nothing for any other word. */
export function readAcronym(word: string): string | undefined {
  const [, letters = "", ending] = /^([A-Z]+)('?s)?$/.exec(word) ?? [];
  if (!acronyms.has(letters)) return undefined;
  return spell(letters).join(" ") + (ending === undefined ? "" : "'s");
}
