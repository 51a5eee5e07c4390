import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../docs/clients/", import.meta.url);
const fence = /^```(?<language>\w+) (?<file>[\w.-]+)\n(?<source>.*?)^```$/gms;

/** A program of the client guide: a code block whose first line names a file. */
export interface Program {
  readonly page: string;
  readonly language: string;
  readonly file: string;
  readonly source: string;
}

/** All programs of the client guide. */
export const programs: readonly Program[] = readdirSync(folder).flatMap((page) => {
  const text = readFileSync(new URL(page, folder), "utf8");
  return [...text.matchAll(fence)].map(({ groups = {} }) => {
    const { language = "", file = "", source = "" } = groups;
    return { page, language, file, source };
  });
});
