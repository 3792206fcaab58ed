import type { LeftOut, PlannedPositive, PlannedQuery } from '../../core/mining/mining-records.js';
import { sha256 } from '../files/hash.js';
import type { Catalogue, CatalogueRequest } from './catalogue.js';
import { leftOut, type NamedQuery } from './read-queries.js';

/** Returns the documents and texts that the queries name, for `readCatalogue`. */
export function namesOf(queries: readonly NamedQuery[]): CatalogueRequest {
  const names = new Set<string>();
  const texts = new Set<string>();
  for (const { positives, areIds, ownIds } of queries) {
    for (const id of ownIds) names.add(id);
    for (const { name } of positives) {
      names.add(name);
      if (!areIds) texts.add(sha256(name));
    }
  }
  return { wantsDocument: (id) => names.has(id), wantsText: (hash) => texts.has(hash) };
}

export interface ResolvedQueries {
  /** The queries that have a positive. */
  queries: PlannedQuery[];
  /** Unknown documents, and queries without any positive. */
  leftOut: LeftOut[];
}

/**
 * Finds the positives: first documents by their id, then chunks by their text, whose documents are
 * then the positives.
 */
export function resolvePositives(
  queries: readonly NamedQuery[],
  { rowsOfDocument, rowOfText }: Pick<Catalogue, 'rowsOfDocument' | 'rowOfText'>,
): ResolvedQueries {
  const missing: LeftOut[] = [];
  const find = (name: string, areIds: boolean): PlannedPositive | undefined => {
    const rows = rowsOfDocument.get(name);
    if (rows) return { documentId: name, rows, isExact: false };
    const named = areIds ? undefined : rowOfText.get(sha256(name));
    if (!named) return undefined;
    const { documentId, row } = named;
    const others = rowsOfDocument.get(documentId)!.filter((other) => other !== row);
    return { documentId, rows: [row, ...others], isExact: true };
  };
  const planned = queries.flatMap(({ id, text, positives: names, areIds, ownIds }): PlannedQuery[] => {
    const positives: PlannedPositive[] = [];
    for (const positive of names) {
      const found = find(positive.name, areIds);
      if (found) positives.push(found);
      else missing.push(leftOut('unknown-document', { id, positive }));
    }
    const named = withoutRepeats(positives);
    const isPositive = new Set(named.map(({ documentId }) => documentId));
    const own = [...ownIds].flatMap((ownId) =>
      isPositive.has(ownId) ? [] : (rowsOfDocument.get(ownId) ?? []),
    );
    if (named.length > 0) return [{ id, text, positives: named, ...(own.length > 0 && { own }) }];
    missing.push(leftOut('no-positive', { id }));
    return [];
  });
  return { queries: planned, leftOut: missing };
}

/**
 * Removes positives that repeat. A document that is named both by its id and by a chunk's text is
 * one positive, with the chunk of that text.
 */
function withoutRepeats(positives: readonly PlannedPositive[]): PlannedPositive[] {
  const exact = new Set(positives.flatMap(({ documentId, isExact }) => (isExact ? [documentId] : [])));
  return positives.filter(({ documentId, isExact }) => isExact || !exact.has(documentId));
}
