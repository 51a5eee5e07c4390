import { wakefulClock } from "../../clock.ts";

/** How long anything may take that is to happen here. */
const patienceMs = 15_000;
const lookMs = 4;

/** Something that was to happen has not. */
export class Impatience extends Error {
  override readonly name = "Impatience";
}

/** Waits a moment, in which sockets and threads get on. */
const moment = (): Promise<void> =>
  new Promise((resolve) => {
    wakefulClock.schedule(lookMs, resolve);
  });

/**
 * Gives what `look` finds, as soon as that is something, and does `meanwhile` between the looks.
 * @throws {Impatience}
 */
export async function until<Found>(
  what: string,
  look: () => Found | undefined | false | Promise<Found | undefined | false>,
  meanwhile: () => void = () => {},
): Promise<Found> {
  const endAt = wakefulClock.now() + patienceMs;
  while (wakefulClock.now() < endAt) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    meanwhile();
    await moment();
  }
  throw new Impatience(`It did not happen within ${patienceMs / 1000} seconds: ${what}.`);
}
