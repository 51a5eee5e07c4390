import { existsSync } from "node:fs";

/** Tests that import the client libraries of this folder's own `package.json`. */
export const libraryTests = "test/interop/*.test.ts";

/** Whether these libraries are there; npm writes this file when an installation is complete. */
export const librariesInstalled = existsSync(
  new URL("node_modules/.package-lock.json", import.meta.url),
);

/** Says once per run what is left out, and what to do about it. */
export function setup(): void {
  if (librariesInstalled) return;
  console.info(`Skipped: ${libraryTests} (client libraries). To run them: npm run interop:install`);
}
