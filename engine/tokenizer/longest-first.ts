/**
 * How many tokens of two texts stay so that together they have at most `room`. The longer text is cut, down to the shorter
 * one's length; from there on both are, and an odd token stays with the longer text, with the second where they are equal.
 * This is `longest_first` of Hugging Face's `tokenizers` 0.23.3, which transformers uses (`utils/truncation.rs` there).
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
