import { UsageError } from "./errors.ts";
import { type KeyOptions, readDuration, readKeyOptions } from "./key-options.ts";
import { type KeysPlace, withKeys } from "./keys-access.ts";
import {
  factsOf,
  findKey,
  formatMoment,
  limitsOf,
  readKey,
  readKeys,
  readNewKey,
  type ShownNewKey,
  stateOf,
} from "./shown-keys.ts";
import { printFacts, printJson, printTable } from "./table.ts";

/** What all commands about keys have in common. */
export interface KeysOptions extends KeysPlace {
  readonly json?: boolean | undefined;
}

/** Makes a key. Its secret alone goes to standard output, for whoever reads it into a variable. */
export async function createKey(options: KeysOptions & KeyOptions): Promise<void> {
  const body = readKeyOptions(options, Date.now());
  if (body["name"] === undefined) throw new UsageError("A key needs a name: give it with --name.");
  const needs = { mayCreate: true, namesVoices: namesVoices(body) };
  const made = await withKeys(options, needs, async (actions) =>
    readNewKey(await actions.create(body)),
  );
  printNewKey(
    made,
    options,
    `Made key ${made.id} (${made.name}), good for ${made.scopes.join(", ")}.`,
  );
}

/** Prints all keys, one line each, or as JSON. */
export async function listKeys(options: KeysOptions): Promise<void> {
  const keys = await withKeys(options, aboutThoseThere, async (actions) =>
    readKeys(await actions.list()),
  );
  if (options.json === true) {
    printJson(keys);
    return;
  }
  const now = Date.now();
  printTable([
    ["ID", "NAME", "SCOPES", "LIMITS", "STATE"],
    ...keys.map((key) => [
      key.id,
      key.name,
      key.scopes.join(","),
      limitsOf(key),
      stateOf(key, now),
    ]),
  ]);
}

/** Prints all that is known of a key. */
export async function showKey(wanted: string, options: KeysOptions): Promise<void> {
  const key = await withKeys(options, aboutThoseThere, async (actions) =>
    findKey(readKeys(await actions.list()), wanted),
  );
  if (options.json === true) printJson(key);
  else printFacts(factsOf(key, Date.now()));
}

/** Changes what is given, and prints the key as it is then. */
export async function updateKey(wanted: string, options: KeysOptions & KeyOptions): Promise<void> {
  const body = readKeyOptions(options, Date.now());
  if (Object.keys(body).length === 0) {
    throw new UsageError("Nothing is to be changed: see syrinx keys update --help.");
  }
  const needs = { mayCreate: false, namesVoices: namesVoices(body) };
  const key = await withKeys(options, needs, async (actions) => {
    const { id } = findKey(readKeys(await actions.list()), wanted);
    return readKey(await actions.update(id, body));
  });
  if (options.json === true) printJson(key);
  else printFacts(factsOf(key, Date.now()));
}

/** Gives a key a new secret, which is printed as that of a new key. */
export async function rotateKey(
  wanted: string,
  options: KeysOptions & { readonly grace?: string | undefined },
): Promise<void> {
  const { grace } = options;
  const body = grace === undefined ? {} : { grace_seconds: readDuration("--grace", grace) };
  const made = await withKeys(options, aboutThoseThere, async (actions) => {
    const { id } = findKey(readKeys(await actions.list()), wanted);
    return readNewKey(await actions.rotate(id, body));
  });
  const older = made.secrets.flatMap(({ expires_at_unix: atUnix }) => atUnix ?? []);
  const what =
    older.length === 0
      ? "The one before is good no more."
      : `The one before is good until ${formatMoment(Math.max(...older))}.`;
  printNewKey(made, options, `Key ${made.id} (${made.name}) has a new secret. ${what}`);
}

/** Ends a key for good. */
export async function revokeKey(wanted: string, options: KeysOptions): Promise<void> {
  const key = await withKeys(options, aboutThoseThere, async (actions) => {
    const { id } = findKey(readKeys(await actions.list()), wanted);
    await actions.revoke(id);
    return findKey(readKeys(await actions.list()), id);
  });
  if (options.json === true) printJson(key);
  else {
    process.stdout.write(
      `Revoked key ${key.id} (${key.name}): servers refuse it, and end its connections, within a second.\n`,
    );
  }
}

const aboutThoseThere = { mayCreate: false, namesVoices: false } as const;

const namesVoices = (body: Readonly<Record<string, unknown>>): boolean =>
  Array.isArray(body["voices"]);

/** The secret is shown this once. What is said of it goes to standard error, so that it stands alone. */
function printNewKey(made: ShownNewKey, { json }: KeysOptions, words: string): void {
  if (json === true) {
    printJson(made);
    return;
  }
  process.stderr.write(`${words} Its secret is shown this once:\n`);
  process.stdout.write(`${made.xi_api_key}\n`);
}
