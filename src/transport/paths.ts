/** Rewrites the path of a request, with its query, into the one its route is registered under. */
export type CanonicalPath = (path: string) => string;

const lastName = /\/:[^/]+$/;

/**
 * Takes the configured prefix off and puts a missing version in front, so that one route also
 * answers clients whose base address ends in `/v1`, in a slash, or has a path of its own.
 * `basePaths` are those below which all routes are found again.
 */
export function createCanonicalPath(
  routes: readonly string[],
  prefix: string,
  basePaths: readonly string[] = [""],
): CanonicalPath {
  const versionOf = new Map<string, string>();
  for (const route of routes) {
    const [, version = "", family = ""] = route.split("/");
    if (!versionOf.has(family)) versionOf.set(family, version);
  }
  // What ends in a slash here lacks a name, and is refused for that.
  const nameless = new Set(
    routes
      .filter((route) => lastName.test(route))
      .flatMap((route) => basePaths.map((base) => base + route.replace(lastName, ""))),
  );
  const isBelow = (path: string, base: string): boolean =>
    base !== "" && path.startsWith(`${base}/`);
  const withVersion = (path: string): string => {
    const own = isBelow(path, prefix) ? path.slice(prefix.length) : path;
    const base = basePaths.find((each) => isBelow(own, each)) ?? "";
    const route = own.slice(base.length);
    const family = /^\/([^/]+)/.exec(route)?.[1] ?? "";
    const version = versionOf.get(family);
    return version === undefined ? own : `${base}/${version}${route}`;
  };
  return (asked) => {
    const queryAt = asked.search(/\?|$/);
    const path = withVersion(asked.slice(0, queryAt).replace(/^\/+/, "/"));
    const bare = path.replace(/(?<=.)\/+$/, "");
    return (nameless.has(bare) ? path : bare) + asked.slice(queryAt);
  };
}
