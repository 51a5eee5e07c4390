import type { Confidence } from "../finding.ts";
import type { WhyCauseId } from "../field-causes.ts";

/** Words that name a cause; named groups become the details of its sentence. */
export interface WordsRow {
  readonly cause: WhyCauseId;
  readonly words: RegExp;
  /** `certain` unless the words may stand for something else as well. */
  readonly confidence?: Confidence;
}
