/** Rewrites the path of a request into the one its route is registered under. */
export type CanonicalPath = (path: string) => string;

/**
 * Takes the configured prefix off and puts a missing version in front, so that one route also
 * answers clients whose base address ends in `/v1` or has a path of its own.
 */
export function createCanonicalPath(routes: readonly string[], prefix: string): CanonicalPath {
  const versionOf = new Map<string, string>();
  for (const route of routes) {
    const [, version = "", family = ""] = route.split("/");
    if (!versionOf.has(family)) versionOf.set(family, version);
  }
  return (path) => {
    const own = prefix !== "" && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
    const family = /^\/([^/?]+)/.exec(own)?.[1] ?? "";
    const version = versionOf.get(family);
    return version === undefined ? own : `/${version}${own}`;
  };
}
