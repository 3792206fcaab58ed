/**
 * The lengths of the rows in tokens, special tokens included. The longest are as long as texts
 * usually are, not as long as the model allows.
 */
const LENGTHS = [4, 8, 16, 32, 64, 128];
const ROWS_PER_LENGTH = 16;

export interface CalibrationModel {
  /**
   * The token ids of a short text. Its special tokens show what the template puts around a text.
   */
  template: ArrayLike<number>;
  isSpecial(id: number): boolean;
  /** Every token id is below this number. */
  vocabularySize: number;
  maxTokens: number;
}

/**
 * Makes rows of random tokens between the model's own special tokens. The same model always gets
 * the same rows. Tokens that no text would put side by side drive the numbers inside a model at
 * least as far apart as texts do.
 */
export function calibrationRows({
  template,
  isSpecial,
  vocabularySize,
  maxTokens,
}: CalibrationModel): Uint32Array[] {
  const ids = Array.from(template);
  const first = ids.findIndex((id) => !isSpecial(id));
  const last = ids.findLastIndex((id) => !isSpecial(id));
  const [before, after] = [ids.slice(0, Math.max(first, 0)), ids.slice(last + 1)];
  const ordinary = Array.from({ length: vocabularySize }, (_, id) => id).filter((id) => !isSpecial(id));
  const next = numbers();
  return LENGTHS.flatMap((length) =>
    Array.from({ length: ROWS_PER_LENGTH }, () => {
      const inner = Math.max(1, Math.min(length, maxTokens) - before.length - after.length);
      const random = Array.from({ length: inner }, () => ordinary[Math.floor(next() * ordinary.length)] ?? 0);
      return Uint32Array.from([...before, ...random, ...after]);
    }),
  );
}

/**
 * Gives numbers uniform in [0, 1) by a linear congruential generator with the multiplier and
 * increment of Knuth and Lewis ("Numerical Recipes", ranqd1).
 */
function numbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
