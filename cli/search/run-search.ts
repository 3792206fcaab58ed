import { assertFilterKeys } from '../../core/search/filter.js';
import { findCrossEncoder } from '../../engine/model/find-cross-encoder.js';
import { assertOneLabel } from '../../engine/model/onnx-cross-encoder.js';
import { allowedRows, filterKeys } from '../../engine/search/allowed-rows.js';
import { lexicalIndexOf } from '../../engine/search/lexical-index.js';
import { type DenseStage, type Retrieval, searchStages } from '../../engine/search/search-stages.js';
import type { StagedHit } from '../../engine/search/staged-hit.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { nearestRows } from '../../engine/version/search-version.js';
import { count } from '../job/progress-line.js';
import { openModelOf } from '../open-model-of.js';
import { showProgress } from '../progress.js';
import type { SearchPlan } from './search-plan.js';

export interface SearchOutcome {
  hits: StagedHit[];
  /** What the user may not expect of the hits, as sentences. */
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
 * Opens what the plan needs, all refusals first, and searches.
 * Errors: USAGE for an unknown field; those of the models, of the index and of the files.
 */
export async function runSearch(version: ReadableVersion, call: SearchCall): Promise<SearchOutcome> {
  const { query, plan, model, json } = call;
  assertFilterKeys(plan.filters, filterKeys(version));
  const reranker = plan.rerank && (await findCrossEncoder({ source: plan.rerank.source }));
  if (reranker) {
    assertOneLabel(reranker.signature);
    await reranker.check();
  }
  const chunks = version.manifest.totals.chunks;
  const opened: { close(): Promise<void> }[] = [];
  const keep = <Resource extends { close(): Promise<void> }>(resource: Resource): Resource => {
    opened.push(resource);
    return resource;
  };
  const told = async <Result>(verb: string, work: (onRows: (done: number) => void) => Promise<Result>) => {
    const progress = showProgress(verb, 'chunks', json);
    return work((done) => progress.update(done, chunks)).finally(progress.stop);
  };
  try {
    const embedder = plan.mode === 'bm25' ? undefined : keep(await openModelOf(version, model));
    const filtered =
      plan.filters.length === 0
        ? undefined
        : await told('filtered', (onRows) => allowedRows(version, plan.filters, onRows));
    if (filtered?.count === 0) return { hits: [], notes: ['no chunk meets the filters'] };
    const lexical =
      plan.mode === 'dense'
        ? undefined
        : keep(await told('indexed', (onRows) => lexicalIndexOf(version, onRows)));
    const dense: DenseStage = (text, options) => nearestRows(version, embedder!, text, options);
    const retrieval: Retrieval = lexical
      ? embedder
        ? { mode: 'hybrid', dense, lexical, fusion: plan.fusion }
        : { mode: 'bm25', lexical }
      : { mode: 'dense', dense };
    const encoder = reranker && keep(await reranker.open());
    const scored = showProgress('reranked', 'chunks', json);
    const hits = await told('compared', (onRows) =>
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
    const notes = lexical?.notKept
      ? [`the index of words was not kept in the cache: ${lexical.notKept}`]
      : [];
    return { hits, notes: [...notes, ...fewerNotes(hits.length, plan, filtered?.count ?? chunks)] };
  } finally {
    for (const resource of opened) await resource.close();
  }
}

/** Says why there are fewer hits than were asked for. `searched`: chunks that could have been found. */
function fewerNotes(found: number, { top, mode }: SearchPlan, searched: number): string[] {
  if (found >= top) return [];
  const asked = `asked for ${count(top)}`;
  if (searched <= top && found === searched) return [`${asked}; there are only ${count(searched)} to search`];
  if (mode === 'bm25')
    return [
      found === 0
        ? 'no chunk has a word of the query'
        : `${asked}; only ${count(found)} have a word of the query`,
    ];
  return [`${asked}; found ${count(found)}`];
}
