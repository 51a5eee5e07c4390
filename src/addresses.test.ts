import { describe, expect, it } from "vitest";
import { networkOf, parseAddress, parseRanges } from "./addresses.ts";

describe("an address", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::FFFF:c000:0207", "192.0.2.7"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::1", "::1"],
    ["", undefined],
    ["localhost", undefined],
    ["192.0.2", undefined],
    ["192.0.2.256", undefined],
    ["0300.0.2.7", undefined],
    ["192.0.2.7:80", undefined],
    ["[::1]", undefined],
    ["192.0.2.7, 192.0.2.8", undefined],
  ])("%j is written as %j", (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8::3:4:5:6", "2001:db8:0:0::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:db8::1:2:3:4:5", "2001:db8:0:1::/64"],
    ["unknown", "unknown"],
  ])("%s is counted as %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe("ranges", () => {
  it.each<[readonly string[], string, boolean]>([
    [["10.0.0.0/8"], "10.255.0.1", true],
    [["10.0.0.0/8"], "11.0.0.1", false],
    [["192.0.2.7"], "192.0.2.7", true],
    [["192.0.2.7"], "192.0.2.8", false],
    [["192.0.2.7", "2001:db8::/32"], "2001:db8:ffff::1", true],
    [["2001:db8::/32"], "2001:db9::1", false],
    [["::ffff:10.0.0.0/104"], "10.1.2.3", true],
    [["::ffff:10.0.0.0/104"], "11.1.2.3", false],
    [["loopback"], "127.9.9.9", true],
    [["loopback"], "::1", true],
    [["loopback"], "128.0.0.1", false],
    [["0.0.0.0/0"], "203.0.113.9", true],
    [["0.0.0.0/0"], "2001:db8::1", false],
    [[], "127.0.0.1", false],
    [["10.0.0.0/8"], "unknown", false],
  ])("%j: %s is one of them: %s", (texts, address, isOne) => {
    expect(parseRanges(texts)?.has(address)).toBe(isOne);
  });

  it("are looked through for each address anew", () => {
    const ranges = parseRanges(["10.0.0.0/8"]);
    const asked = ["10.1.2.3", "10.1.2.3", "192.0.2.7", "192.0.2.7", "", "10.1.2.3"];
    expect(asked.map((address) => ranges?.has(address))).toEqual([
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "/8", "all", "::/129", "fe80::1%1", ""])(
    "%j is none",
    (text) => {
      expect(parseRanges(["127.0.0.1", text])).toBeUndefined();
    },
  );
});
