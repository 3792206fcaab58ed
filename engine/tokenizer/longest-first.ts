/**
 * Returns how many tokens of two texts are kept so that together they have at most `room`. The
 * longer text is cut down to the shorter one's length; after that both are cut. An odd token goes
 * to the longer text, or to the second if they are equally long. This is `longest_first` of Hugging
 * Face's `tokenizers` 0.23.3, which transformers uses (`utils/truncation.rs` there).
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
