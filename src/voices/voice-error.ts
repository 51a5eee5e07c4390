/** Why a voice could not be added or removed: one line that says what, why and what to do. */
export class VoiceError extends Error {
  override readonly name = "VoiceError";
}

/** What lies behind the codes of failed writes; nothing for other errors. */
export function explainWrite(error: unknown, path: string): VoiceError | undefined {
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new VoiceError(`There is no room left in ${path}: free some, or choose --data-dir.`);
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new VoiceError(`This user may not write to ${path}: choose another --data-dir.`);
  }
  if (code === "ENOTDIR" || code === "EEXIST") {
    return new VoiceError(`${path} cannot be made into a folder: choose another --data-dir.`);
  }
  return undefined;
}

/** The system's name for what went wrong, also where it is wrapped into another error. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return codeOf(error.cause);
}
