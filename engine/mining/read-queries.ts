import type { QuerySource } from '../../core/mining/mining-spec.js';
import { readId, readJsonLines, readString } from '../corpus/text-lines.js';
import { readChunkFile } from '../parquet/chunk-file.js';
import { readListedFile } from '../steps/read-listed-file.js';
import type { StoreOpener } from '../store/store-cache.js';
import { requireSource } from '../tables/find-source.js';
import { readQrels } from '../tables/read-qrels.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { linesOf } from './mining-errors.js';
import { readPairs } from './read-pairs.js';

/** A query and what the input says of its positives. */
export interface NamedQuery {
  id: string;
  text: string;
  /** Documents' ids or chunks' texts; none twice. */
  positives: string[];
  /** Whether positives are ids alone, and never texts. */
  areIds: boolean;
}

export interface QueryInput {
  /** Equal texts are one query, as in sentence-transformers; in the order of first occurrence. */
  queries: NamedQuery[];
  counts: { pairs: number; emptyQueries: number; repeatedPairs: number; unknownQueries: number };
  /** Positives of the query that has most, repeated pairs counted, for the range's default rule. */
  mostPositives: number;
}

/** Errors: INPUT_NOT_FOUND, INPUT_DAMAGED, INPUT_UNSUPPORTED, INPUT_CHANGED; those of the version's files. */
export async function readQueries(
  source: QuerySource,
  version: ReadableVersion,
  openStore: StoreOpener,
): Promise<QueryInput> {
  const collected = new Collector(source.kind !== 'pairs');
  switch (source.kind) {
    case 'pairs':
      for await (const { query, queryId, positive } of readPairs(
        await requireSource(source.uri, openStore),
        source,
      ))
        collected.add(query, positive, queryId);
      break;
    case 'beir':
      await collectBeir(collected, source, openStore);
      break;
    case 'titles':
      await collectTitles(collected, version);
  }
  return collected.result();
}

async function collectBeir(
  collected: Collector,
  { queries, qrels, minRelevance }: Extract<QuerySource, { kind: 'beir' }>,
  openStore: StoreOpener,
): Promise<void> {
  const judged = await readQrels(await requireSource(qrels, openStore));
  const seen = new Set<string>();
  const reader = linesOf('each is a JSON object with `_id` (string or number) and `text` (string)');
  for await (const { fields, place } of readJsonLines(await requireSource(queries, openStore), reader)) {
    const id = readId(fields, fields._id === undefined && fields.id !== undefined ? 'id' : '_id', place);
    const text = readString(fields, 'text', place);
    if (seen.has(id)) continue;
    seen.add(id);
    for (const [document, relevance] of judged.get(id) ?? [])
      if (relevance >= minRelevance) collected.add(text, document, id);
  }
  for (const [query, judgements] of judged)
    if (!seen.has(query) && [...judgements.values()].some((relevance) => relevance >= minRelevance))
      collected.unknownQueries += 1;
}

async function collectTitles(collected: Collector, { store, manifest }: ReadableVersion): Promise<void> {
  for (const file of manifest.chunkFiles) {
    const { rows } = readChunkFile(await readListedFile(store, file), `${store.root}/${file.key}`);
    for (const { chunkIndex, title, docId } of rows)
      if (chunkIndex === 0) collected.add(title ?? '', docId, docId);
  }
}

class Collector {
  readonly #queries = new Map<string, NamedQuery & { known: Set<string>; pairs: number }>();
  readonly #areIds: boolean;
  #pairs = 0;
  #emptyQueries = 0;
  #repeatedPairs = 0;
  unknownQueries = 0;

  constructor(areIds: boolean) {
    this.#areIds = areIds;
  }

  add(query: string, positive: string, id: string | undefined): void {
    this.#pairs += 1;
    if (query.trim() === '') {
      this.#emptyQueries += 1;
      return;
    }
    const known = this.#queries.get(query) ?? {
      id: id ?? `query-${this.#queries.size}`,
      text: query,
      positives: [],
      areIds: this.#areIds,
      known: new Set<string>(),
      pairs: 0,
    };
    this.#queries.set(query, known);
    known.pairs += 1;
    if (known.known.has(positive)) {
      this.#repeatedPairs += 1;
      return;
    }
    known.known.add(positive);
    known.positives.push(positive);
  }

  result(): QueryInput {
    const found = [...this.#queries.values()];
    return {
      queries: found.map(({ id, text, positives, areIds }) => ({ id, text, positives, areIds })),
      counts: {
        pairs: this.#pairs,
        emptyQueries: this.#emptyQueries,
        repeatedPairs: this.#repeatedPairs,
        unknownQueries: this.unknownQueries,
      },
      mostPositives: found.reduce((most, { pairs }) => Math.max(most, pairs), 0),
    };
  }
}
