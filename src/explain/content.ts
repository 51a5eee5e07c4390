import type { Clock } from "../clock.ts";
import { namesSecret } from "../protocol/secrets.ts";

/** What the operator wants to see of messages themselves: nothing, all but audio, or all. */
export type ContentSetting = "off" | "text" | "all";

/** Lets messages be kept as they are, for a time. */
export interface ContentWindow {
  isOpen(): boolean;
  /** What is kept of a message; undefined for nothing. */
  show(message: string | Uint8Array): string | undefined;
}

export type WantedContent = "off" | ContentWindow;

/** From now on, for so long. */
export function wantContent(setting: ContentSetting, forMs: number, clock: Clock): WantedContent {
  if (setting === "off") return "off";
  const until = clock.now() + forMs;
  return {
    isOpen: () => clock.now() < until,
    show: (message) => showMessage(message, setting === "all"),
  };
}

/** A message as JSON without credentials and, unless it is wanted, without audio. */
function showMessage(message: string | Uint8Array, withAudio: boolean): string | undefined {
  try {
    const json: unknown = JSON.parse(
      typeof message === "string" ? message : new TextDecoder().decode(message),
    );
    return JSON.stringify(json, (name, value: unknown) => {
      if (namesSecret(name)) return "***";
      const isAudio = name === "audio" && typeof value === "string";
      return isAudio && !withAudio ? `${value.length} characters of base64` : value;
    });
  } catch {
    // What cannot be read may hold anything.
    return undefined;
  }
}
