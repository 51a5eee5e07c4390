/** The characters of turn ids in the order of their codes. */
export const turnIdCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const timeDigits = 8;

/**
 * What the ids of turns that are named at this moment begin with, so that they sort by time: the
 * milliseconds since 1970 in base 62, in 8 digits.
 */
export function turnIdTime(nowMs: number): string {
  let time = "";
  let rest = Math.max(0, Math.floor(nowMs));
  for (let digit = 0; digit < timeDigits; digit += 1) {
    time = `${turnIdCharacters[rest % turnIdCharacters.length]}${time}`;
    rest = Math.floor(rest / turnIdCharacters.length);
  }
  return time;
}
