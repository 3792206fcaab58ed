import { hashOfText } from '../text-hash.js';

export const SPLITS = ['train', 'dev'] as const;
export type Split = (typeof SPLITS)[number];

export interface SplitOptions {
  /** The fraction of the documents, 0 to 1 (exclusive), that goes to dev. */
  devShare: number;
  /** The seed of the split. Another seed draws another split. */
  seed: number;
}

/**
 * Decides which side each document belongs to, so that no content is on both sides; documents of
 * equal content are one. A query's positives are kept together, and so are those of all queries
 * that share one. Such a group goes where its first content in code-unit order goes.
 * @param positivesOf the contents of each query's positives: one string for each, equal where the
 *   documents' texts are equal
 */
export function splitDocuments(
  positivesOf: readonly (readonly string[])[],
  options: SplitOptions,
): (content: string) => Split {
  if (options.devShare === 0) return () => 'train';
  const parents = new Map<string, string>();
  const rootOf = (content: string): string => {
    let root = content;
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next;
    for (let at = content; at !== root; ) {
      const next = parents.get(at)!;
      parents.set(at, root);
      at = next;
    }
    return root;
  };
  for (const [first, ...others] of positivesOf)
    for (const other of others) {
      const [low, high] = [rootOf(first!), rootOf(other)].sort();
      if (low !== high) parents.set(high!, low!);
    }
  return (content) =>
    hashOfText(rootOf(content), options.seed) < options.devShare * 2 ** 32 ? 'dev' : 'train';
}
