import { readFileSync } from "node:fs";

const link = /\]\((?!https?:)(?<target>[^)#]*)(?:#(?<anchor>[^)]+))?\)/g;
/** Blocks and words of code, where brackets are no links. */
const code = /^```.*?^```$|`[^`\n]+`/gms;

/** Links of a page of Markdown that lead nowhere: to no file, or to no heading of it. */
export function brokenLinks(page: URL): string[] {
  const text = readFileSync(page, "utf8").replaceAll(code, "");
  return Array.from(text.matchAll(link), ({ groups }) => groups ?? {})
    .filter(({ target = "", anchor }) => !leads(new URL(target, page), anchor))
    .map(({ target = "", anchor }) => (anchor === undefined ? target : `${target}#${anchor}`));
}

function leads(target: URL, anchor: string | undefined): boolean {
  try {
    const text = readFileSync(target, "utf8");
    return anchor === undefined || anchorsOf(text).includes(anchor);
  } catch {
    return false;
  }
}

/** The anchors that GitHub gives to headings. */
const anchorsOf = (text: string): string[] =>
  Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
