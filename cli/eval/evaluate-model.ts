import { VectormillError } from '../../core/errors.js';
import type { Similarity } from '../../core/similarity.js';
import { evaluate, evaluateRetrieval, type ModelEvaluation } from '../../engine/evaluation/evaluate.js';
import type { EvaluationResult } from '../../engine/evaluation/evaluation-result.js';
import type { RetrievalMethod } from '../../engine/evaluation/retrieval-method.js';
import type { CrossEncoder } from '../../engine/model/cross-encoder.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { openEmbedder } from '../../engine/model/find/find-model.js';
import { assertWeighable } from '../../engine/search/assert-weighable.js';
import type { CommandInput } from '../define-command.js';
import { chosenModel } from '../model-settings.js';
import { showProgress } from '../progress.js';
import { findReranker } from '../search/find-reranker.js';
import type { RetrievalPlan } from '../search/retrieval-options.js';
import { cutsOf } from './cuts.js';

export interface ModelOutcome extends EvaluationResult {
  /** The model that embedded the texts. Absent where only words were searched. */
  model?: { model: string; fingerprint: string; dimensions: number; similarity: Similarity };
  elapsedMs: number;
}

/**
 * Opens the models that the options and the plan name, and evaluates with them. Errors: USAGE for a
 * model that is missing or not used; those of `assertWeighable`, of the models and of the
 * evaluation.
 */
export async function evaluateModel(
  evaluation: ModelEvaluation,
  plan: RetrievalPlan,
  { options, json }: CommandInput,
): Promise<ModelOutcome> {
  const startedAt = performance.now();
  const opened: { close(): Promise<void> }[] = [];
  const keep = <Resource extends { close(): Promise<void> }>(resource: Resource): Resource => {
    opened.push(resource);
    return resource;
  };
  if (plan.mode === 'bm25') assertNoModel(options);
  const reranker = plan.rerank && (await findReranker(plan.rerank.source));
  try {
    const embedder = plan.mode === 'bm25' ? undefined : keep(await openChosen(options));
    if (embedder) assertWeighable(plan, embedder);
    const encoder = reranker && keep(await reranker.open());
    const result = await evaluateWithProgress(evaluation, { plan, embedder, encoder }, { options, json });
    const model: ModelOutcome['model'] = embedder && {
      model: embedder.signature.name,
      fingerprint: embedder.fingerprint,
      dimensions: embedder.signature.dimensions,
      similarity: embedder.signature.similarity ?? ('cosine' as const),
    };
    return { ...result, ...(model && { model }), elapsedMs: Math.round(performance.now() - startedAt) };
  } finally {
    for (const resource of opened) await resource.close();
  }
}

function assertNoModel(options: CommandInput['options']): void {
  const { model, maxTokens, dimensions, precision, queryPrompt, documentPrompt } = options;
  const given = [model, maxTokens, dimensions, precision, queryPrompt, documentPrompt];
  if (given.some((value) => value !== undefined))
    throw usage('--mode bm25 embeds nothing and takes no --model', 'Leave it out, or give --mode hybrid.');
}

async function openChosen(options: CommandInput['options']): Promise<Embedder> {
  if (typeof options.model !== 'string')
    throw usage('it takes a --model to evaluate', 'Give --model <name>, or --mode bm25 for words alone.');
  return openEmbedder({
    ...(await chosenModel(options.model, options)),
    prompts: {
      query: options.queryPrompt as string | undefined,
      document: options.documentPrompt as string | undefined,
    },
  });
}

interface Models {
  plan: RetrievalPlan;
  embedder: Embedder | undefined;
  encoder: CrossEncoder | undefined;
}

async function evaluateWithProgress(
  evaluation: ModelEvaluation,
  { plan, embedder, encoder }: Models,
  { options, json }: Pick<CommandInput, 'options' | 'json'>,
): Promise<EvaluationResult> {
  const embedded = showProgress('embedded', 'texts', json);
  const reranked = showProgress('reranked', 'pairs', json);
  const settings = {
    ks: cutsOf(options),
    ignoreIdenticalIds: options.ignoreIdenticalIds === true,
    onProgress: embedded.update,
    rerank: encoder && { encoder, top: plan.rerank!.top, onPairs: reranked.update },
  };
  try {
    if (evaluation.kind === 'beir' || evaluation.kind === 'squad')
      return await evaluateRetrieval(evaluation.task, methodOf(plan, embedder), settings);
    return await evaluate(evaluation, embedder!, settings);
  } finally {
    embedded.stop();
    reranked.stop();
  }
}

function methodOf(
  { mode, fusion, candidates }: RetrievalPlan,
  embedder: Embedder | undefined,
): RetrievalMethod {
  if (!embedder) return { mode: 'bm25' };
  return mode === 'hybrid' ? { mode, embedder, fusion, candidates } : { mode: 'dense', embedder };
}

function usage(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'evaluation', remedy });
}
