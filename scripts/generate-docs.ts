import { mkdir, writeFile } from "node:fs/promises";
import { pages } from "./pages.ts";

for (const [name, render] of Object.entries(pages)) {
  const page = new URL(`../docs/${name}`, import.meta.url);
  await mkdir(new URL(".", page), { recursive: true });
  await writeFile(page, render());
}
