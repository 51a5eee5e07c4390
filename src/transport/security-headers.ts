/** One header, and where it belongs. */
interface HeaderRow {
  readonly name: string;
  readonly value: string;
  /** `encrypted`: on answers over TLS of this server. */
  readonly when: "always" | "encrypted";
}

/** What keeps browsers, and whatever stands before them, from making more of an answer than it is. */
const rows: readonly HeaderRow[] = [
  { name: "x-content-type-options", value: "nosniff", when: "always" },
  {
    name: "content-security-policy",
    value: "default-src 'none'; frame-ancestors 'none'",
    when: "always",
  },
  { name: "referrer-policy", value: "no-referrer", when: "always" },
  // Nearly all depend on who asks. A dialect may say otherwise of its own answers.
  { name: "cache-control", value: "no-store", when: "always" },
  { name: "strict-transport-security", value: "max-age=31536000", when: "encrypted" },
];

const headersWhen = (isEncrypted: boolean): Readonly<Record<string, string>> =>
  Object.fromEntries(
    rows
      .filter(({ when }) => when === "always" || isEncrypted)
      .map(({ name, value }) => [name, value]),
  );

const plain = headersWhen(false);
const encrypted = headersWhen(true);

/** The security headers of an answer on a connection. */
export const securityHeaders = (connection: object): Readonly<Record<string, string>> =>
  "encrypted" in connection && connection.encrypted === true ? encrypted : plain;
