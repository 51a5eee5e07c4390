import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { pages } from "../../scripts/pages.ts";

it.each(Object.entries(pages))(
  "docs/%s says what the code says (npm run docs)",
  async (name, render) => {
    const page = await readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8");
    expect(page).toBe(render());
  },
);
