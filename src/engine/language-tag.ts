/** A language as BCP 47 writes it, or nothing if `name` is none: `en_US` and `en-us` are `en-US`. */
export function parseLanguageTag(name: string): string | undefined {
  const tag = name.replaceAll("_", "-");
  if (!/^[a-z]{2,3}(?:-[a-z\d]{1,8})*$/i.test(tag)) return undefined;
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}
