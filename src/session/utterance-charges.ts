import type { Account, Charge, Use } from "../protocol/accounts.ts";
import type { Problem } from "../protocol/problems.ts";
import { costOf, countCharacters } from "../protocol/records.ts";
import type { SessionPlan } from "../protocol/speech.ts";
import type { Model, Voice } from "../protocol/voice.ts";
import type { ContextConfiguration } from "./configuration.ts";
import type { QueuedUtterance } from "./utterance-queue.ts";

/** Characters, and what they cost. */
export interface Charged {
  readonly characters: number;
  readonly cost: number;
}

/** What was charged for an utterance. */
export type UtteranceCharge = Charge & Charged;

/** Whom the utterances of a context are charged to, and why. */
export interface ChargeSetup {
  readonly plan: SessionPlan;
  readonly account: Account;
  readonly voice: Voice;
  readonly configuration: ContextConfiguration;
}

const nothingToPay: Charge = { refusal: undefined, refund: () => {} };

/** Charges for the text of one context, each character once, as its utterances are begun. */
export class UtteranceCharges {
  readonly #setup: ChargeSetup;
  readonly #model: Model;
  /** From the first utterance on, in code points. */
  #charged = 0;
  #total: Charged = { characters: 0, cost: 0 };
  /** Of the utterance before, where it has to be asked for. */
  #refusalBefore: Charge["refusal"];

  constructor(setup: ChargeSetup) {
    this.#setup = setup;
    this.#model = setup.configuration.model ?? setup.plan.model;
  }

  /** What was charged, and not given back. */
  get total(): Charged {
    return this.#total;
  }

  /** Charges for an utterance; undefined for what is only a repetition. */
  begin({ sentText }: QueuedUtterance): UtteranceCharge | undefined {
    const { plan, voice } = this.#setup;
    if (plan.retention === "none") return undefined;
    const model = this.#model;
    const characters = countCharacters(sentText);
    // By what all of it costs, because each part by itself would be rounded up.
    const cost = costOf(this.#charged + characters, model) - costOf(this.#charged, model);
    this.#charged += characters;
    this.#add(characters, cost);
    const use = { voice, model, characters, cost };
    const charge = plan.isPaid ? nothingToPay : this.#charge(use);
    this.#refusalBefore = charge.refusal;
    return { characters, cost, ...charge };
  }

  /** Gives back what was charged for an utterance that nobody hears. */
  refund(charge: UtteranceCharge | undefined): void {
    if (!charge) return;
    charge.refund();
    this.#add(-charge.characters, -charge.cost);
  }

  #charge(use: Use): Charge {
    const { account } = this.#setup;
    const before = this.#refusalBefore;
    if (!before) return account.charge(use);
    // What follows text that is refused is not spoken, so nothing is taken for it.
    let charge: Charge | undefined;
    let isRefunded = false;
    const ask = async (): Promise<Problem | undefined> => {
      const problem = await before;
      if (problem || isRefunded) return problem;
      charge = account.charge(use);
      return charge.refusal;
    };
    const refund = (): void => {
      isRefunded = true;
      charge?.refund();
    };
    return { refusal: ask(), refund };
  }

  #add(characters: number, cost: number): void {
    this.#total = {
      characters: this.#total.characters + characters,
      cost: this.#total.cost + cost,
    };
  }
}
