import { BlockList, isIP } from "node:net";

/** Tells whether an address of the network is one of several, or in one of several ranges. */
export type HoldsAddress = (address: string) => boolean;

/** Whether a text is an address, or a range such as 10.0.0.0/8 or fd00::/8. */
export function isAddressRange(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsOf(family));
}

/** Reads addresses and ranges that {@link isAddressRange}. */
export function readAddressRanges(ranges: readonly string[]): HoldsAddress {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIP(address);
    if (family !== 0) list.addSubnet(address, Number(bits ?? bitsOf(family)), nameOf(family));
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, nameOf(family));
  };
}

const bitsOf = (family: number): number => (family === 4 ? 32 : 128);
const nameOf = (family: number): "ipv4" | "ipv6" => (family === 4 ? "ipv4" : "ipv6");
