import { SettingError, type Settings } from "./settings.ts";
import { DamagedKeyError, openServerKey, type ServerKey } from "./store/keys.ts";

/** The key as the settings name it, as it is kept, or a new one. @throws {SettingError} */
export async function openKey({ apiKey, dataDir }: Settings): Promise<ServerKey> {
  try {
    return await openServerKey(apiKey, dataDir);
  } catch (error) {
    if (error instanceof DamagedKeyError) {
      throw new SettingError(`${error.message}: delete it to get a new key at the next start.`);
    }
    throw new SettingError(
      `The data folder ${dataDir} cannot be used: choose another --data-dir, or set SYRINX_API_KEY.`,
    );
  }
}
