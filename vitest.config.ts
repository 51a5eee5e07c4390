import { configDefaults, defineConfig } from "vitest/config";
import { librariesInstalled, libraryTests } from "./test/interop/installed.ts";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(librariesInstalled ? [] : [libraryTests])],
    globalSetup: ["test/interop/installed.ts", "test/support/secrets-report.ts"],
    setupFiles: ["test/support/secrets-watch.mjs"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
