import { hostname } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const mostLines = 150;

/** What must not be told of the machine, and what stands there instead; applied in this order. */
const replacements: readonly (readonly [found: string | RegExp, instead: string])[] = [
  [`${root}/test/interop/node_modules/`, "/app/node_modules/"],
  [`${root}/test/interop/clients/`, "/app/"],
  [`${root}/scripts/traces/clients/`, "/app/"],
  [root, "/app"],
  [hostname(), "agent-1"],
  [/\/tmp\/syrinx-\w+-\w+/g, "/tmp/app"],
  [/\bsk_[0-9a-f]{8,}/g, "sk_test_not_a_real_key"],
  [/\bsutkn_[\w-]{16,}/g, "sutkn_test_not_a_real_token"],
  // Sound, and messages that are long on purpose.
  [/([\w+/]{24})[\w+/]{56,}={0,2}/g, "$1"],
];

/** What a client has printed, without what belongs to this machine, and no longer than anybody reads. */
export function redact(printed: string): string {
  let text = printed;
  for (const [found, instead] of replacements) text = text.replaceAll(found, instead);
  return shorten(text.trimEnd());
}

function shorten(text: string): string {
  const lines = text.split("\n");
  if (lines.length <= mostLines || text.startsWith("{\n")) return `${text}\n`;
  const half = mostLines / 2;
  return `${[...lines.slice(0, half), "[...]", ...lines.slice(-half)].join("\n")}\n`;
}
