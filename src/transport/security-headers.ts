/** When a header belongs to an answer. */
type When = "always" | "keyed" | "encrypted";

interface HeaderRow {
  readonly name: string;
  readonly value: string;
  /** `keyed`: answers that depend on who asks. `encrypted`: answers over TLS of this server. */
  readonly when: When;
}

/** What tells browsers to make nothing of an answer but what its content type says. */
const rows: readonly HeaderRow[] = [
  { name: "x-content-type-options", value: "nosniff", when: "always" },
  {
    name: "content-security-policy",
    value: "default-src 'none'; frame-ancestors 'none'",
    when: "always",
  },
  { name: "referrer-policy", value: "no-referrer", when: "always" },
  { name: "cache-control", value: "no-store", when: "keyed" },
  { name: "strict-transport-security", value: "max-age=31536000", when: "encrypted" },
];

/** The security headers of an answer. */
export function securityHeaders(about: {
  readonly isKeyed: boolean;
  readonly isEncrypted: boolean;
}): Readonly<Record<string, string>> {
  const applies: Readonly<Record<When, boolean>> = {
    always: true,
    keyed: about.isKeyed,
    encrypted: about.isEncrypted,
  };
  return Object.fromEntries(
    rows.filter(({ when }) => applies[when]).map(({ name, value }) => [name, value]),
  );
}
