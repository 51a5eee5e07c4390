const secretName = /auth|token|key|secret|password|passwd|signature|jwt|bearer|cookie|credential/i;

/** Whether what has this name lets somebody in: a parameter, a header, a member of a message. */
export const namesSecret = (name: string): boolean => secretName.test(name);

const keyShape = /^(?:sk[-_]|Bearer\b|eyJ)|^[A-Za-z0-9+/_=-]{32,}$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a value may be what lets somebody in, wherever it stands. */
export const looksLikeKey = (value: string): boolean => keyShape.test(value) && !uuid.test(value);

/** Whatever a key may be made of, in the middle of a text. */
const run = /[\w+/=-]{6,}/g;

/** A text as it may be shown and kept: without what may be a key, or moves a terminal's cursor. */
export const redact = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ")
    .replaceAll(run, (found) => (looksLikeKey(found) ? "***" : found));
