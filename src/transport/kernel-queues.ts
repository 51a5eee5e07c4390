import { readFile } from "node:fs/promises";
import { endianness, platform } from "node:os";

/** The two ends of a connection; a `net.Socket` is one. */
export interface Ends {
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** Bytes the kernel keeps of each connection because its peer has not confirmed them. */
export interface KernelQueues {
  /** Undefined if nothing is known of the connection. */
  of(ends: Ends): number | undefined;
}

const nothingKnown: KernelQueues = { of: () => undefined };

/**
 * What Linux tells of all connections (proc_net_tcp of its documentation); other systems tell
 * nothing. The kernel takes megabytes in one go and asks for more when much of that has gone:
 * only it can tell a reader that is slow from one that has stopped.
 */
export async function readKernelQueues(): Promise<KernelQueues> {
  if (platform() !== "linux" || endianness() !== "LE") return nothingKnown;
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map((path) =>
    readFile(path, "latin1").catch(() => ""),
  );
  return parseKernelQueues((await Promise.all(tables)).join("\n"));
}

/** Local end, remote end, state, bytes to send. */
const row = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]+:[0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):/gm;

/** Reads the rows of the kernel's tables. */
export function parseKernelQueues(tables: string): KernelQueues {
  const bytes = new Map<string, number>();
  for (const [, localPort, remote, queued = ""] of tables.matchAll(row)) {
    bytes.set(`${localPort} ${remote}`, Number.parseInt(queued, 16));
  }
  return {
    of({ localPort, remoteAddress, remotePort }) {
      if (localPort === undefined || remoteAddress === undefined || remotePort === undefined) {
        return undefined;
      }
      const remote = `${formatAddress(remoteAddress)}:${formatPort(remotePort)}`;
      return bytes.get(`${formatPort(localPort)} ${remote}`);
    },
  };
}

const hex = (value: number, digits: number): string =>
  value.toString(16).toUpperCase().padStart(digits, "0");

const formatPort = (port: number): string => hex(port, 4);

/** An address as the tables have it: words of 32 bits, each with its last byte first. */
function formatAddress(address: string): string {
  const bytes = address.includes(":") ? bytesOfIpv6(address) : bytesOfIpv4(address);
  let words = "";
  for (let at = 0; at < bytes.length; at += 4) {
    words += bytes
      .slice(at, at + 4)
      .toReversed()
      .map((byte) => hex(byte, 2))
      .join("");
  }
  return words;
}

const bytesOfIpv4 = (address: string): number[] => address.split(".").map(Number);

function bytesOfIpv6(address: string): number[] {
  const [head = "", tail = ""] = address.replace(/%.*$/, "").split("::");
  const start = bytesOfGroups(head);
  const end = bytesOfGroups(tail);
  const zeros = Array.from({ length: 16 - start.length - end.length }, () => 0);
  return [...start, ...zeros, ...end];
}

/** The last group may be an IPv4 address. */
function bytesOfGroups(groups: string): number[] {
  return groups.split(":").flatMap((group) => {
    if (group === "") return [];
    if (group.includes(".")) return bytesOfIpv4(group);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
