import type { HeededSetting, Voice, VoiceSettings } from "../protocol/voice.ts";
import type { Warning } from "../protocol/warnings.ts";

/** How a dialect spells the settings that voices may heed; those it does not have are left out. */
export type SettingNames = Readonly<Partial<Record<HeededSetting, string>>>;

/** The settings that change how a voice sounds, as the dialect spells them. */
export function heededNames({ heeds }: Voice, names: SettingNames): string[] {
  return ["speed", ...heeds.flatMap((setting) => names[setting] ?? [])];
}

/** What a `ready` frame says of the voice that speaks. */
export function describeVoice(voice: Voice, names: SettingNames): object {
  const { id, slug, engine, language, timings } = voice;
  return { voice_id: id, slug, engine, language, timings, settings: heededNames(voice, names) };
}

/** One warning of all settings that a client asks for, other than `neutral`, and the voice does not heed. */
export function ignoredSettings(
  voice: Voice,
  asked: Readonly<Partial<Record<HeededSetting, unknown>>>,
  neutral: Partial<VoiceSettings>,
  names: SettingNames,
): Warning[] {
  const ignored = Object.keys(names).filter((name): name is HeededSetting => {
    const setting = name as HeededSetting;
    const value = asked[setting] ?? neutral[setting];
    return value !== neutral[setting] && !voice.heeds.includes(setting);
  });
  if (ignored.length === 0) return [];
  const details = {
    settings: ignored.map((setting) => names[setting]).join(", "),
    voice: voice.slug,
    heeded: heededNames(voice, names).join(", "),
  };
  return [{ code: "settings_ignored", details }];
}
