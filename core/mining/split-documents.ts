export const SPLITS = ['train', 'dev'] as const;
export type Split = (typeof SPLITS)[number];

export interface SplitOptions {
  /** Share of the documents, 0 to 1 (exclusive), that dev gets. */
  devShare: number;
  /** Another seed draws another split. */
  seed: number;
}

/**
 * Which side each document belongs to, so that no document is on both. A query's positives are kept together, and so are
 * those of all queries that share one: the group goes where its first id in code-unit order goes.
 * @param positivesOf the ids of each query's positives
 */
export function splitDocuments(
  positivesOf: readonly (readonly string[])[],
  options: SplitOptions,
): (documentId: string) => Split {
  if (options.devShare === 0) return () => 'train';
  const parents = new Map<string, string>();
  const rootOf = (id: string): string => {
    let root = id;
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next;
    for (let at = id; at !== root; ) {
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
  return (id) => (shareOf(rootOf(id), options.seed) < options.devShare ? 'dev' : 'train');
}

/** A number from 0 (inclusive) to 1 (exclusive) that an id and a seed fix: FNV-1a of its UTF-16 units, then mixed. */
function shareOf(id: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < id.length; index += 1)
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
