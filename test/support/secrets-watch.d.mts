import type { Writable } from "node:stream";

export function lookForSecrets(chunk: string | Uint8Array, where: string): void;
export const watchedLog: Writable;
