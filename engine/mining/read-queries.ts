import { compareIds } from '../../core/ids.js';
import type { LeftOut, QueryFile } from '../../core/mining/mining-records.js';
import type { QuerySource } from '../../core/mining/mining-spec.js';
import type { ByteSource } from '../corpus/byte-source.js';
import { lineReader, readId, readJsonLines, readString } from '../corpus/text-lines.js';
import type { StoreOpener } from '../store/store-cache.js';
import { requireSource } from '../tables/find-source.js';
import { readQrels } from '../tables/read-qrels.js';
import { readLiveChunks } from '../version/live-rows.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { readPairs } from './read-pairs.js';

/** A query, with what the input says about its positives. */
export interface NamedQuery {
  id: string;
  text: string;
  /** Each positive occurs once. */
  positives: NamedPositive[];
  /** Whether positives are always ids and never texts. */
  areIds: boolean;
  /** The ids that the input gives to the query. A document may have the same id. */
  ownIds: ReadonlySet<string>;
}

/** A positive as the input names it. */
export interface NamedPositive {
  /** A document's id or a chunk's text. */
  name: string;
  /** The line or row of a pair. */
  row?: number | undefined;
}

export interface QueryInput {
  /**
   * The queries in the order of their first occurrence in the input. Titles are in the order of the
   * documents' ids. Equal texts are one query, as in sentence-transformers.
   */
  queries: NamedQuery[];
  counts: { pairs: number; emptyQueries: number; repeatedPairs: number; unknownQueries: number };
  /** The inputs that the counts report as left out, in the order of the input. */
  leftOut: LeftOut[];
  /**
   * The greatest number of positives of a query, with repeated pairs, for the default rule of the
   * range.
   */
  maxPositives: number;
  /** The files that were read. */
  files: readonly QueryFile[];
}

/**
 * Returns the URIs of the files from which a source reads queries and judgements. Titles lie in the
 * version itself.
 */
export function queryUrisOf(source: QuerySource): string[] {
  switch (source.kind) {
    case 'pairs':
      return [source.uri];
    case 'beir':
      return [source.queries, source.qrels];
    case 'titles':
      return [];
  }
}

/** Describes the files of a source as their stores do. Errors: INPUT_NOT_FOUND; the store's. */
export async function describeQueryFiles(source: QuerySource, openStore: StoreOpener): Promise<QueryFile[]> {
  return (await openQueryFiles(source, openStore)).map(describe);
}

function openQueryFiles(source: QuerySource, openStore: StoreOpener): Promise<ByteSource[]> {
  return Promise.all(queryUrisOf(source).map((uri) => requireSource(uri, openStore)));
}

function describe({ uri, etag, objectBytes }: ByteSource): QueryFile {
  return { uri, etag, bytes: objectBytes };
}

/**
 * Reads the queries of any kind of source. Errors: INPUT_NOT_FOUND, INPUT_DAMAGED,
 * INPUT_UNSUPPORTED, INPUT_CHANGED; those of the version's files.
 */
export async function readQueries(
  source: QuerySource,
  version: ReadableVersion,
  openStore: StoreOpener,
): Promise<QueryInput> {
  const collected = new Collector(source.kind !== 'pairs');
  const files = await openQueryFiles(source, openStore);
  const [first, second] = files;
  switch (source.kind) {
    case 'pairs':
      for await (const { query, queryId, positive, row } of readPairs(first!, source))
        collected.add(query, { name: positive, row }, queryId);
      break;
    case 'beir':
      await collectBeir(collected, { queries: first!, qrels: second! }, source.minRelevance);
      break;
    case 'titles':
      await collectTitles(collected, version);
  }
  return { ...collected.result(), files: files.map(describe) };
}

async function collectBeir(
  collected: Collector,
  { queries, qrels }: { queries: ByteSource; qrels: ByteSource },
  minRelevance: number,
): Promise<void> {
  const judged = await readQrels(qrels);
  const seen = new Set<string>();
  const reader = lineReader(
    'mining',
    'each is a JSON object with `_id` (string or number) and `text` (string)',
  );
  for await (const { fields, place } of readJsonLines(queries, reader)) {
    const id = readId(fields, fields._id === undefined && fields.id !== undefined ? 'id' : '_id', place);
    const text = readString(fields, 'text', place);
    if (seen.has(id)) continue;
    seen.add(id);
    for (const [document, relevance] of judged.get(id) ?? [])
      if (relevance >= minRelevance) collected.add(text, { name: document }, id);
  }
  for (const [query, judgements] of judged)
    if (!seen.has(query) && [...judgements.values()].some((relevance) => relevance >= minRelevance))
      collected.addUnknown(query);
}

async function collectTitles(collected: Collector, version: ReadableVersion): Promise<void> {
  const documents: { id: string; title: string }[] = [];
  for (const part of version.parts)
    for (const { chunkIndex, title = '', docId } of await readLiveChunks(version, part))
      if (chunkIndex === 0) documents.push({ id: docId, title });
  documents.sort((one, other) => compareIds(one.id, other.id));
  for (const { id, title } of documents) collected.add(title, { name: id }, id);
}

class Collector {
  readonly #queries = new Map<
    string,
    NamedQuery & { ownIds: Set<string>; known: Set<string>; pairs: number }
  >();
  readonly #areIds: boolean;
  readonly #counts = { pairs: 0, emptyQueries: 0, repeatedPairs: 0, unknownQueries: 0 };
  readonly #leftOut: LeftOut[] = [];

  constructor(areIds: boolean) {
    this.#areIds = areIds;
  }

  add(query: string, positive: NamedPositive, id: string | undefined): void {
    this.#counts.pairs += 1;
    if (query.trim() === '') {
      this.#counts.emptyQueries += 1;
      this.#leftOut.push(leftOut('empty-query', { id, positive }));
      return;
    }
    const known = this.#queries.get(query) ?? {
      id: id ?? `query-${this.#queries.size}`,
      text: query,
      positives: [],
      areIds: this.#areIds,
      ownIds: new Set<string>(),
      known: new Set<string>(),
      pairs: 0,
    };
    this.#queries.set(query, known);
    known.pairs += 1;
    if (id !== undefined) known.ownIds.add(id);
    if (known.known.has(positive.name)) {
      this.#counts.repeatedPairs += 1;
      return;
    }
    known.known.add(positive.name);
    known.positives.push(positive);
  }

  /** Adds a query that was judged but is not among the queries. */
  addUnknown(id: string): void {
    this.#counts.unknownQueries += 1;
    this.#leftOut.push(leftOut('unknown-query', { id }));
  }

  result(): Omit<QueryInput, 'files'> {
    const found = [...this.#queries.values()];
    return {
      queries: found.map(({ known: _, pairs: __, ...query }) => query),
      counts: this.#counts,
      leftOut: this.#leftOut,
      maxPositives: found.reduce((most, { pairs }) => Math.max(most, pairs), 0),
    };
  }
}

/** Returns a line of `left-out.jsonl`, without what is not known. */
export function leftOut(
  reason: LeftOut['reason'],
  { id, positive }: { id?: string | undefined; positive?: NamedPositive },
): LeftOut {
  return {
    reason,
    ...(positive?.row === undefined ? {} : { row: positive.row }),
    ...(id === undefined ? {} : { query_id: id }),
    ...(positive ? { positive: positive.name } : {}),
  };
}
