import { readFileSync } from "node:fs";
import { type Scope, scopeRows, usualScopes } from "../src/protocol/accounts.ts";
import { everyRoute } from "./every-route.ts";
import { notice, table } from "./markdown.ts";

/** What tables cannot know. */
const guide = readFileSync(new URL("keys-guide.md", import.meta.url), "utf8");

const code = (text: string): string => `\`${text}\``;
const scopeEntries = Object.entries(scopeRows) as [Scope, string][];

/** How keys are made and looked after, and what each of them may do. */
export function keysPage(): string {
  const routes = everyRoute();
  const needing = (wanted: Scope): string =>
    routes
      .filter(({ scope }) => scope === wanted)
      .map(({ method, path }) => code(`${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`))
      .join(", ");
  const scopeTable = scopeEntries.map(([scope, meaning]) => [code(scope), meaning]);
  const routeTable = scopeEntries.map(([scope]) => [code(scope), needing(scope)]);
  return `# Keys

${notice}

${guide
  .trim()
  .replace("{scopes}", table(["scope", "what it lets a key do"], scopeTable))
  .replace("{usual}", usualScopes.map(code).join(" and "))
  .replace("{routes}", table(["scope", "routes"], routeTable))}
`;
}
