/** Rewrites the path of a request into the one its route is registered under. */
export type CanonicalPath = (path: string) => string;

/**
 * Takes the configured prefix off and puts a missing version in front, so that one route also
 * answers clients whose base address ends in `/v1` or has a path of its own. `basePaths` are
 * those below which all routes are found again.
 */
export function createCanonicalPath(
  routes: readonly string[],
  prefix: string,
  basePaths: readonly string[] = [],
): CanonicalPath {
  const versionOf = new Map<string, string>();
  for (const route of routes) {
    const [, version = "", family = ""] = route.split("/");
    if (!versionOf.has(family)) versionOf.set(family, version);
  }
  const isBelow = (path: string, base: string): boolean =>
    base !== "" && path.startsWith(`${base}/`);
  return (path) => {
    const own = isBelow(path, prefix) ? path.slice(prefix.length) : path;
    const base = basePaths.find((each) => isBelow(own, each)) ?? "";
    const route = own.slice(base.length);
    const family = /^\/([^/?]+)/.exec(route)?.[1] ?? "";
    const version = versionOf.get(family);
    return version === undefined ? own : `${base}/${version}${route}`;
  };
}
