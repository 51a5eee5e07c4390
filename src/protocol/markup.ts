/** `ssml`: tags say how the text is spoken and are not spoken themselves; `none`: tags are text. */
export type Markup = "ssml" | "none";
