/**
 * How many tokens of two texts stay so that they have `room` tokens together: one after another is taken from the end of the
 * longer text, in effect; where both end up equal and one more fits, it is the longer text's, and the second's where
 * they were equal. The rule is `longest_first` of Hugging Face's `tokenizers`
 * (https://huggingface.co/docs/tokenizers/api/encode-inputs, `tokenizers/src/utils/truncation.rs`).
 */
export function truncateLongestFirst(
  first: number,
  second: number,
  room: number,
): { first: number; second: number } {
  if (first + second <= room) return { first, second };
  const shorter = Math.min(first, second);
  const half = Math.floor(room / 2);
  const [less, more] = shorter <= half ? [shorter, room - shorter] : [half, room - half];
  return first > second ? { first: more, second: less } : { first: less, second: more };
}
