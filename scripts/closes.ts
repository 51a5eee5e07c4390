/** Where something is closed. */
export interface ClosingPlace {
  readonly file: string;
  /** The name of the innermost function or method around it. */
  readonly within: string;
}

export interface FoundClose extends ClosingPlace {
  readonly line: number;
  /** What is called, such as `socket.destroy`. */
  readonly call: string;
}

const closing = /([\w#]*(?:\(\))?)[?!]?\.(close|terminate|destroy|destroySoon|resetAndDestroy)\(/g;

/** What has a `close` and is no socket or stream, by its last name. */
const others: ReadonlySet<string> = new Set([
  "app",
  "codec",
  "recoder",
  "sessions",
  "sockets",
  "turnLog",
  "#turnLog",
  "#writer",
]);

/** Names of functions where they are declared, as the formatter writes them. */
const declarations: readonly RegExp[] = [
  /^\s*(?:export )?(?:async )?function\*? (\w+)/,
  /^\s*(?:const|let) (\w+) = (?:async )?(?:\(|function|\w+ =>)/,
  /^\s*(\w+): (?:async )?\(.*\).* =>/,
  /^\s*(?:override |static |async )*\*?(#?\w+)(?:<.*>)?\(.*$/,
];

/** Everything that closes a socket or stream in a file, in its order. */
export function findCloses(file: string, source: string): FoundClose[] {
  const lines = source.split("\n");
  return lines.flatMap((text, index) =>
    Array.from(withoutComment(text).matchAll(closing))
      .filter(([, receiver = "", method]) => !(method === "close" && others.has(receiver)))
      .map(([, receiver, method]) => ({
        file,
        line: index + 1,
        call: `${receiver}.${method}`,
        within: enclosing(lines, index),
      })),
  );
}

const withoutComment = (line: string): string =>
  /^\s*(?:\/\/|\/?\*)/.test(line) ? "" : line.replace(/\s\/\/ .*$/, "");

const indentOf = (line: string): number => line.search(/\S/);

/** The function around a line: going up, the first declaration that is indented less, or is on the line. */
function enclosing(lines: readonly string[], index: number): string {
  let indent = Number.POSITIVE_INFINITY;
  for (let at = index; at >= 0; at -= 1) {
    const line = lines[at] ?? "";
    const ownIndent = indentOf(line);
    // The end of what is before, or of parameters, is no beginning.
    if (ownIndent < 0 || ownIndent >= indent || /^\s*[)}\]]/.test(line)) continue;
    indent = ownIndent;
    const name = nameIn(line, at === index);
    if (name !== undefined) return name;
  }
  return "the file itself";
}

/** On the line of the call itself a declaration has an arrow, or it would be the call. */
function nameIn(line: string, isOfCall: boolean): string | undefined {
  for (const pattern of declarations.slice(0, isOfCall ? 3 : undefined)) {
    const [, name] = pattern.exec(line) ?? [];
    if (name !== undefined) return name;
  }
  return undefined;
}
