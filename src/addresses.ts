import { BlockList, isIP, SocketAddress } from "node:net";

/** Addresses and ranges of them. */
export interface AddressRanges {
  /** Whether an address, as `parseAddress` gives it, is one of them. */
  has(address: string): boolean;
}

/** Names of ranges that need not be written out. */
const namedRanges: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
};

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 4 ? "ipv4" : "ipv6");

/**
 * An address in the one way it is written here: IPv6 in its shortest form (RFC 5952) and without a
 * zone, IPv4 in IPv6 as IPv4. Undefined for what is no address.
 */
export function parseAddress(text: string): string | undefined {
  const [plain = ""] = text.split("%");
  const version = isIP(plain);
  if (version === 0) return undefined;
  // Of IPv4 no other way to write it is taken.
  if (version === 4) return plain;
  const { address } = new SocketAddress({ address: plain, family: "ipv6" });
  const embedded = /^::ffff:([\d.]+)$/.exec(address)?.[1];
  return embedded ?? address;
}

/**
 * Whom an address stands for when attempts or connections are counted: an IPv6 client commonly has
 * a whole /64 to choose from (RFC 6177), so that is counted as one.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [front = [], back = []] = address
    .split("::")
    .map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => "0");
  return `${[...front, ...zeros, ...back].slice(0, 4).join(":")}::/64`;
}

const rangePattern = /^([^/]+)(?:\/(\d{1,3}))?$/;

/** The ranges named by texts such as `10.0.0.0/8`, `::1` or `loopback`; undefined if one is none. */
export function parseRanges(texts: readonly string[]): AddressRanges | undefined {
  const list = new BlockList();
  for (const text of texts.flatMap((each) => namedRanges[each] ?? [each])) {
    const [, name = "", bits] = rangePattern.exec(text) ?? [];
    const address = parseAddress(name);
    if (address === undefined || name.includes("%")) return undefined;
    const family = familyOf(address);
    const most = family === "ipv4" ? 32 : 128;
    // Of a range of IPv4 addresses written as IPv6, the first 96 bits are always the same.
    const isEmbedded = family === "ipv4" && isIP(name) === 6;
    const prefix = bits === undefined ? most : Number(bits) - (isEmbedded ? 96 : 0);
    if (prefix < 0 || prefix > most) return undefined;
    list.addSubnet(address, prefix, family);
  }
  // Of one connection it is asked several times in a row, and a look through the ranges costs some microseconds.
  let lastAddress = "";
  let wasOne = false;
  return {
    has(address) {
      if (address === lastAddress) return wasOne;
      wasOne = isIP(address) !== 0 && list.check(address, familyOf(address));
      lastAddress = address;
      return wasOne;
    },
  };
}

/** No address at all. */
export const noAddresses: AddressRanges = { has: () => false };
