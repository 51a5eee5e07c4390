import { expect, it } from "vitest";
import { cutToBytes } from "./short-text.ts";

it("a reason is cut between whole characters", () => {
  expect(cutToBytes("aé€🐦", 1)).toBe("a");
  expect(cutToBytes("aé€🐦", 2)).toBe("a");
  expect(cutToBytes("aé€🐦", 6)).toBe("aé€");
  expect(cutToBytes("aé€🐦", 9)).toBe("aé€");
  expect(cutToBytes("aé€🐦", 10)).toBe("aé€🐦");
});
