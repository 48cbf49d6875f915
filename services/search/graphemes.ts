/** Cuts a text into what people take for characters. */
export const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });
