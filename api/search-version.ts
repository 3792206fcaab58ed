import { VectormillError } from '../core/errors.js';
import { assertFilterKeys, type Filter, parseFilter } from '../core/search/filter.js';
import { DEFAULT_ALPHA } from '../core/search/fusion.js';
import { openIndex } from '../engine/index/open-index.js';
import { allowedRows, filterKeys } from '../engine/search/allowed-rows.js';
import { assertWeighable } from '../engine/search/assert-weighable.js';
import { denseStage } from '../engine/search/dense-stage.js';
import { lexicalIndexOf } from '../engine/search/lexical-index.js';
import { openVersionModel } from '../engine/search/open-version-model.js';
import { type Retrieval, searchStages } from '../engine/search/search-stages.js';
import type { ReadableVersion } from '../engine/version/resolve-version.js';
import type { OpenedResources } from './opened-resources.js';
import type { Hit, SearchOptions } from './search-types.js';

const MAX_TOP = 1000;
const DEFAULT_TOP = 5;
/** The rows that each stage of a hybrid search hands on, if fewer are wanted. */
const CANDIDATES = 100;

interface Search {
  query: string;
  top: number;
  mode: NonNullable<SearchOptions['mode']>;
  fusion: NonNullable<SearchOptions['fusion']>;
  index: string | undefined;
  filters: readonly Filter[];
}

/** Searches one version with what is opened for it. Errors: those of `Dataset.search`. */
export async function searchVersion(
  version: ReadableVersion,
  opened: OpenedResources,
  asked: SearchOptions & { query: string },
): Promise<Hit[]> {
  opened.assertOpen();
  const search = checked(asked);
  assertFilterKeys(search.filters, filterKeys(version));
  const retrieval = await retrievalOf(version, opened, search);
  const filtered = search.filters.length === 0 ? undefined : await allowedRows(version, search.filters);
  if (filtered?.count === 0) return [];
  const { query, top } = search;
  const candidates = Math.max(top, CANDIDATES);
  const { hits } = await searchStages(version, {
    query,
    top,
    retrieval,
    candidates,
    allowed: filtered?.allowed,
  });
  return hits.map(({ stages: _, ...hit }) => hit);
}

async function retrievalOf(
  version: ReadableVersion,
  opened: OpenedResources,
  { mode, fusion, index: name }: Search,
): Promise<Retrieval> {
  const lexical = () => opened.get('words', () => lexicalIndexOf(version));
  if (mode === 'bm25') return { mode, lexical: await lexical() };
  const index =
    name === undefined ? undefined : await opened.get(`index ${name}`, () => openIndex(version, name));
  assertWeighable({ mode, fusion }, version.manifest, index);
  const embedder = await opened.get('model', () => openVersionModel(version));
  const dense = denseStage(version, embedder, index);
  return mode === 'dense' ? { mode, dense } : { mode, dense, lexical: await lexical(), fusion };
}

function checked({
  query,
  top = DEFAULT_TOP,
  mode = 'dense',
  fusion = { kind: 'alpha', alpha: DEFAULT_ALPHA },
  index,
  filters = [],
}: SearchOptions & { query: string }): Search {
  if (typeof query !== 'string' || query.trim() === '') throw refused('the query is empty', 'Give a text.');
  if (!Number.isInteger(top) || top < 1 || top > MAX_TOP)
    throw refused(`\`top\` is ${top}`, `Give a whole number from 1 to ${MAX_TOP}.`);
  if (!['dense', 'bm25', 'hybrid'].includes(mode))
    throw refused(`there is no mode ${JSON.stringify(mode)}`, 'Give dense, bm25 or hybrid.');
  if (fusion.kind === 'alpha' ? !(fusion.alpha >= 0 && fusion.alpha <= 1) : fusion.kind !== 'rrf')
    throw refused('`fusion` is not known', 'Give an alpha from 0 to 1, or rrf.');
  if (mode === 'bm25' && index !== undefined)
    throw refused('the mode bm25 compares no vectors and takes no index', 'Leave one of the two out.');
  return { query, top, mode, fusion, index, filters: filters.map(parseFilter) };
}

function refused(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'api', remedy });
}
