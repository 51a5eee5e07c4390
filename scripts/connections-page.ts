import { readFileSync } from "node:fs";
import { resetMeanings, timerMeanings } from "../src/protocol/connections.ts";
import { notice, table } from "./markdown.ts";

/** What tables cannot know. */
const guide = readFileSync(new URL("connections-guide.md", import.meta.url), "utf8");

const rowsOf = (meanings: Readonly<Record<string, string>>): string[][] =>
  Object.entries(meanings).map(([name, meaning]) => [`\`${name}\``, meaning]);

/** How connections are looked at, while they are open and afterwards. */
export function connectionsPage(): string {
  return `# Connections: what happened on them, and why they ended

${notice}

${guide
  .trim()
  .replace("{timers}", table(["timer", "what it waits for"], rowsOf(timerMeanings)))
  .replace("{resets}", table(["reset by", "what that is"], rowsOf(resetMeanings)))}
`;
}
