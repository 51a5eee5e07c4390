/** Why a folder's model cannot be used: one sentence that says what is wrong and what to do. */
export class ModelFault extends Error {}
