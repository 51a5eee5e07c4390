import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { pages } from "../../scripts/pages.ts";
import { isFieldCause, readWhyText, whyCauseIds } from "../../scripts/why-causes.ts";
import { whyCauseRow } from "../../src/why/field-causes.ts";
import { brokenLinks } from "./links.ts";

const docs = new URL("../../docs/", import.meta.url);
const texts = new URL("../../scripts/why/", import.meta.url);
const headingsOf = (text: string): string[] =>
  Array.from(
    text.replaceAll(/^```.*?^```$/gms, "").matchAll(/^## (.+)$/gm),
    ([, name = ""]) => name,
  );

/** Causes whose pages need no more than a few sentences. */
const full = ["Symptoms", "Why", "Fix"];
const fullOfField = [...full, "How it comes about"];

describe("what is written of each cause", () => {
  it.each(whyCauseIds)("%s has a text of some form", (id) => {
    const text = readWhyText(id);
    const headings = headingsOf(text);
    if (headings.length > 0) expect(headings).toEqual(isFieldCause(id) ? fullOfField : full);
    else expect(isFieldCause(id)).toBe(false);
    expect(text.length).toBeGreaterThan(80);
  });

  it("belongs to a cause, all of it", () => {
    const known = whyCauseIds.map((id) => `${id}.md`).toSorted();
    expect(readdirSync(texts).toSorted()).toEqual(known);
  });
});

describe("docs/why/", () => {
  const names = Object.keys(pages)
    .filter((name) => name.startsWith("why/"))
    .map((name) => basename(name));

  it("has a page for each cause, and none that is left over", () => {
    expect(readdirSync(new URL("why/", docs)).toSorted()).toEqual(names.toSorted());
  });

  it.each(names)("%s has no link that leads nowhere", (name) => {
    expect(brokenLinks(new URL(`why/${name}`, docs))).toEqual([]);
  });

  const index = readFileSync(new URL("why/README.md", docs), "utf8");
  const rowsOf = (code: number): string[] =>
    index.split("\n").filter((line) => line.startsWith(`| **${code}**`));

  it.each(whyCauseIds.filter((id) => isFieldCause(id) && whyCauseRow(id).closeCode !== undefined))(
    "the index leads from its close code to %s",
    (id) => {
      const rows = rowsOf(whyCauseRow(id).closeCode ?? 0);
      expect(rows.join()).toContain(`(${id}.md)`);
    },
  );
});

describe.each(["connections.md", "errors.md"])("docs/%s", (name) => {
  it("has no link that leads nowhere", () => {
    expect(brokenLinks(new URL(name, docs))).toEqual([]);
  });
});
