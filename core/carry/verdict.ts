/**
 * The outcomes for a document that was scanned: it is cut into chunks, or rows of the parent are
 * carried over for it, or it repeats the id of an earlier one.
 */
export type Verdict = 'cut' | 'carried' | 'repeated';

/** The bytes that stand for verdicts in files. */
export const VERDICT_BYTES: Readonly<Record<Verdict, number>> = { cut: 0, carried: 1, repeated: 2 };

const VERDICTS_BY_BYTE: readonly Verdict[] = ['cut', 'carried', 'repeated'];

/** Returns the verdict of a byte. Throws RangeError for a byte that stands for none. */
export function verdictOfByte(byte: number | undefined): Verdict {
  const verdict = VERDICTS_BY_BYTE[byte ?? -1];
  if (verdict === undefined) throw new RangeError(`${byte} is no verdict`);
  return verdict;
}
