/** `Bearer x` as `x`. */
export function withoutScheme(authorization: string): string {
  return authorization.replace(/^Bearer\s+/i, "");
}
