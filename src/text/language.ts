/** Whether a language, in BCP 47, is one that there are readings for. */
export const isEnglish = (language: string): boolean => /^en(?:-|$)/i.test(language);

/** Whether 3/4/2026 is in April: in English everywhere but in America. */
export const putsDayFirst = (language: string): boolean =>
  /^en-(?!US\b|PH\b|CA\b)[A-Z]{2}\b/i.test(language);
