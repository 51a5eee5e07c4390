/** What takes long about adding a voice. */
export type Step = "downloading" | "unpacking";

/** Told how far a step is; the total is not always known. */
export type OnProgress = (step: Step, doneBytes: number, totalBytes: number | undefined) => void;
