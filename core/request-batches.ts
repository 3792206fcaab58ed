/** The largest size of one request. */
export interface RequestSize {
  texts: number;
  tokens: number;
}

/**
 * Cuts the texts, in order, into runs `[start, end)`. Each run has as many texts as fit in a
 * request. A text with more tokens than a request may have is a run of its own.
 * @param lengths tokens of each text
 */
export function planRequests(
  lengths: readonly number[],
  size: RequestSize,
): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  let tokens = 0;
  for (const [row, length] of lengths.entries()) {
    const last = runs.at(-1);
    tokens += length;
    if (last && row - last.start < size.texts && tokens <= size.tokens) {
      last.end = row + 1;
      continue;
    }
    runs.push({ start: row, end: row + 1 });
    tokens = length;
  }
  return runs;
}
