import type { Account, Charge } from "../protocol/accounts.ts";
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

/** Charges for the text of one context, each character once, as its utterances are begun. */
export class UtteranceCharges {
  readonly #setup: ChargeSetup;
  readonly #model: Model;
  /** In code points of the context's text. */
  #chargedUntil = 0;
  #total: Charged = { characters: 0, cost: 0 };

  constructor(setup: ChargeSetup) {
    this.#setup = setup;
    this.#model = setup.configuration.model ?? setup.plan.model;
  }

  /** What was charged, and not given back. */
  get total(): Charged {
    return this.#total;
  }

  /** Charges for all of the text up to the utterance's end; undefined for what is only a repetition. */
  begin({ sentText, textOffset }: QueuedUtterance): UtteranceCharge | undefined {
    const { plan, account, voice } = this.#setup;
    if (plan.retention === "none") return undefined;
    const model = this.#model;
    const until = textOffset + countCharacters(sentText);
    const characters = until - this.#chargedUntil;
    // By what all of it costs, because each part by itself would be rounded up.
    const cost = costOf(until, model) - costOf(this.#chargedUntil, model);
    this.#chargedUntil = until;
    this.#add(characters, cost);
    return { characters, cost, ...account.charge({ voice, model, characters, cost }) };
  }

  /** Gives back what was charged for an utterance that nobody hears. */
  refund(charge: UtteranceCharge | undefined): void {
    if (!charge) return;
    charge.refund();
    this.#add(-charge.characters, -charge.cost);
  }

  #add(characters: number, cost: number): void {
    this.#total = {
      characters: this.#total.characters + characters,
      cost: this.#total.cost + cost,
    };
  }
}
