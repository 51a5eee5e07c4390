import type { Configuration } from "../protocol/speech.ts";
import type { Pronunciations } from "../text/pronunciations.ts";

/** A configuration whose dictionaries have been looked up: those there are, and their rules. */
export interface ContextConfiguration extends Configuration {
  readonly pronunciations?: Pronunciations;
}
