/**
 * Tokens of a row, special tokens included; the longest are as long as texts in practice, not as
 * the model allows.
 */
const LENGTHS = [4, 8, 16, 32, 64, 128];
const ROWS_PER_LENGTH = 16;

export interface CalibrationModel {
  /** A short text's token ids, whose special tokens show what the template puts around a text. */
  template: ArrayLike<number>;
  isSpecial(id: number): boolean;
  /** Token ids are below this. */
  vocabularySize: number;
  maxTokens: number;
}

/**
 * Rows of random tokens within the model's own special tokens; always the same rows for the same
 * model. Tokens that no text would put side by side drive the numbers inside a model at least as
 * far apart as texts do.
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
 * Uniform in [0, 1): a linear congruential generator with the multiplier and increment of Knuth and
 * Lewis ("Numerical Recipes", ranqd1).
 */
function numbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
