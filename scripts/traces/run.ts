import type { Framework, Vendor } from "../../src/why/trace.ts";
import type { WhyCauseId } from "../../src/why/field-causes.ts";
import type { Scene, ServerNeeds } from "./scene.ts";

/** A client at work: what it leaves behind is the trace. */
export interface Play {
  readonly framework: Framework | null;
  /** Of the file. */
  readonly ending: "log" | "har" | "json";
  /** Resolves with what the client has printed, when it has ended. */
  record(scene: Scene): Promise<string>;
}

/** One fault that a real client is run into. */
export interface Run {
  /** Of the file, without its ending. */
  readonly name: string;
  /** What is brought about; null where it is, but cannot be seen in what the client prints. */
  readonly cause: WhyCauseId | null;
  readonly alsoRight?: readonly WhyCauseId[];
  /** `elevenlabs` if absent; null where no server of either is reached. */
  readonly vendor?: Vendor | null;
  /** How it was brought about. */
  readonly note: string;
  /** A server of the usual kind if absent. */
  readonly server?: ServerNeeds;
  /** What the server records, where that is not the cause; null where it records nothing, or cannot be asked. */
  readonly told?: WhyCauseId | null;
  /** Whether it takes so long that others are recorded meanwhile. */
  readonly isLong?: boolean;
  readonly play: Play;
  /** What is done before the client starts. */
  before?(scene: Scene): Promise<void>;
  /** What is done while it runs. */
  during?(scene: Scene): Promise<void>;
}
