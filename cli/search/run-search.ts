import { counted } from '../../core/counted.js';
import { assertFilterKeys } from '../../core/search/filter.js';
import { otherMetric } from '../../engine/index/index-metric.js';
import { openIndex } from '../../engine/index/open-index.js';
import { allowedRows, filterKeys } from '../../engine/search/allowed-rows.js';
import { assertWeighable } from '../../engine/search/assert-weighable.js';
import { type DenseStage, denseStage } from '../../engine/search/dense-stage.js';
import { type LexicalIndex, lexicalIndexOf } from '../../engine/search/lexical-index.js';
import { lexicalTerms } from '../../engine/search/lexical-terms.js';
import { type Retrieval, type SearchResult, searchStages } from '../../engine/search/search-stages.js';
import type { StagedHit } from '../../engine/search/staged-hit.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { count } from '../job/progress-line.js';
import { openModelOf } from '../open-model-of.js';
import { showProgress } from '../progress.js';
import { findReranker } from './find-reranker.js';
import type { SearchPlan } from './search-plan.js';

export interface SearchOutcome {
  hits: StagedHit[];
  /** Sentences about what may surprise the user in the hits. */
  notes: string[];
}

interface SearchCall {
  query: string;
  plan: SearchPlan;
  /** The query model, where it is not the job's own. */
  model: unknown;
  json: boolean;
}

/**
 * Opens everything that the plan needs, with all refusals first, and searches. Errors: USAGE for an
 * unknown field; those of `assertWeighable`, of the models, of the index and of the files.
 */
export async function runSearch(version: ReadableVersion, call: SearchCall): Promise<SearchOutcome> {
  const { query, plan, model, json } = call;
  assertFilterKeys(plan.filters, filterKeys(version));
  const reranker = plan.rerank && (await findReranker(plan.rerank.source));
  const chunks = version.manifest.totals.chunks;
  const opened: { close(): Promise<void> }[] = [];
  const keep = <Resource extends { close(): Promise<void> }>(resource: Resource): Resource => {
    opened.push(resource);
    return resource;
  };
  const withProgress = async <Result>(
    verb: string,
    work: (onRows: (done: number, total?: number) => void) => Promise<Result>,
  ) => {
    const progress = showProgress(verb, 'chunks', json);
    return work((done, total = chunks) => progress.update(done, total)).finally(progress.stop);
  };
  try {
    const index =
      plan.index === undefined ? undefined : keep(await openIndex(version, plan.index, { mapped: true }));
    assertWeighable(plan, version.manifest, index);
    const embedder = plan.mode === 'bm25' ? undefined : keep(await openModelOf(version, model));
    const filtered =
      plan.filters.length === 0
        ? undefined
        : await withProgress('filtered', (onRows) => allowedRows(version, plan.filters, onRows));
    if (filtered?.count === 0) return { hits: [], notes: ['no chunk meets the filters'] };
    const lexical =
      plan.mode === 'dense'
        ? undefined
        : keep(await withProgress('indexed', (onRows) => lexicalIndexOf(version, onRows)));
    const retrieval = retrievalOf({ dense: embedder && denseStage(version, embedder, index), lexical, plan });
    const encoder = reranker && keep(await reranker.open());
    const scored = showProgress('reranked', 'chunks', json);
    const result = await withProgress('compared', (onRows) =>
      searchStages(version, {
        query,
        top: plan.top,
        retrieval,
        candidates: plan.candidates,
        allowed: filtered?.allowed,
        rerank: encoder && { encoder, top: plan.rerank!.top, onChunks: scored.update },
        onRows,
      }),
    ).finally(scored.stop);
    const notKept = lexical?.notKept;
    const other = index && otherMetric(version.manifest.signature, index.manifest.graph.metric);
    return {
      hits: result.hits,
      notes: [
        ...(notKept ? [`the index of words was not kept in the cache: ${notKept}`] : []),
        ...(other ? [other] : []),
        ...queryNotes(result, { query, plan, maxTokens: embedder?.signature.maxTokens }),
        ...fewerNotes(result.hits.length, plan, filtered?.count ?? chunks),
      ],
    };
  } finally {
    for (const resource of opened) await resource.close();
  }
}

interface Stages {
  dense: DenseStage | undefined;
  lexical: LexicalIndex | undefined;
  plan: SearchPlan;
}

function retrievalOf({ dense, lexical, plan }: Stages): Retrieval {
  if (!lexical) return { mode: 'dense', dense: dense! };
  return dense ? { mode: 'hybrid', dense, lexical, fusion: plan.fusion } : { mode: 'bm25', lexical };
}

/** Says which part of the query was not searched for. */
function queryNotes(
  { queryTokens, rowsByWords }: SearchResult,
  { query, plan, maxTokens }: { query: string; plan: SearchPlan; maxTokens: number | undefined },
): string[] {
  const notes: string[] = [];
  if (maxTokens !== undefined && queryTokens !== undefined && queryTokens >= maxTokens)
    notes.push(
      `the query fills the ${counted(maxTokens, 'token')} that the model reads; what follows was passed over`,
    );
  if (rowsByWords === 0) {
    const why =
      lexicalTerms(query).length === 0
        ? 'the query has no words but stop words'
        : 'no chunk has a word of the query';
    notes.push(plan.mode === 'hybrid' ? `${why}: only the vectors were compared` : why);
  }
  return notes;
}

/**
 * Says why there are fewer hits than were asked for. `searched` is how many chunks could have been
 * found.
 */
function fewerNotes(found: number, { top, mode }: SearchPlan, searched: number): string[] {
  if (found >= top) return [];
  const asked = `asked for ${count(top)}`;
  if (found === searched) return [`${asked}; there are only ${count(searched)} to search`];
  if (mode !== 'bm25') return [`${asked}; found ${count(found)}`];
  return found === 0 ? [] : [`${asked}; only ${count(found)} have a word of the query`];
}
