import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import type { Similarity } from '../../core/similarity.js';
import type { ModelEvaluation } from '../../engine/evaluation/evaluate.js';
import { evaluateRun } from '../../engine/evaluation/evaluate-run.js';
import {
  EVALUATION_KINDS,
  type Evaluation,
  type EvaluationKind,
  type EvaluationRequest,
  openEvaluation,
} from '../../engine/evaluation/open-evaluation.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { checkPlace } from '../../engine/version/dataset-place.js';
import { MODEL_MEANING } from '../argument-meanings.js';
import type { CommandDefinition, CommandInput } from '../define-command.js';
import { cutsOf } from '../eval/cuts.js';
import { evaluateModel, type ModelOutcome } from '../eval/evaluate-model.js';
import { resultLines } from '../eval/result-lines.js';
import { duration } from '../job/progress-line.js';
import { MODEL_OPTIONS } from '../model-options.js';
import { nonEmpty, oneOf, shortText, wholeNumbers } from '../option-values.js';
import {
  describeRetrieval,
  type RetrievalPlan,
  readRetrievalPlan,
  retrievalOptions,
  retrievalText,
} from '../search/retrieval-options.js';

export const evalCommand: CommandDefinition = {
  examples: [
    'vectormill eval ./scifact --model all-MiniLM-L6-v2',
    'vectormill eval squad-dev.json --kind squad-answers --model all-MiniLM-L6-v2 --json',
    'vectormill eval sts-test.csv --model ./my-model --max-tokens 128',
    'vectormill eval qrels.txt --corpus corpus.jsonl.gz --queries queries.jsonl --model ./my-model --k 10,100',
    'vectormill eval ./scifact --mode hybrid --model all-MiniLM-L6-v2',
    'vectormill eval qrels.txt --run bm25.run',
  ],
  options: [
    {
      flags: '--model <name>',
      description: MODEL_MEANING,
      parse: nonEmpty,
    },
    {
      flags: '--kind <kind>',
      description: `${EVALUATION_KINDS.join(', ')} (default: by what lies there; .json is squad, other files sts)`,
      parse: oneOf(EVALUATION_KINDS),
    },
    {
      flags: '--split <name>',
      description: 'judgements of a BEIR folder to use, qrels/<name>.tsv (default: test)',
      parse: nonEmpty,
    },
    {
      flags: '--corpus <file>',
      description: 'documents of the judgements at the path, JSONL as in BEIR',
      parse: nonEmpty,
    },
    {
      flags: '--queries <file>',
      description: 'queries of the judgements at the path, JSONL as in BEIR',
      parse: nonEmpty,
    },
    {
      flags: '--run <file>',
      description: 'TREC run to evaluate by the judgements at the path, instead of a model',
      parse: nonEmpty,
    },
    {
      flags: '--k <list>',
      description: 'cuts of the retrieval metrics, such as 10,100 (default: 1,5,10,100)',
      parse: wholeNumbers(1, 10_000),
    },
    {
      flags: '--every-question',
      description: 'count equal questions of SQuAD each by itself, as sentence-transformers does',
    },
    {
      flags: '--ignore-identical-ids',
      description: "pass over documents with the query's own id, as for ArguAna and Quora",
    },
    ...retrievalOptions('documents', 'the largest --k'),
    ...MODEL_OPTIONS,
    {
      flags: '--query-prompt <text>',
      description: "text to put before each query (default: the model's own)",
      parse: shortText,
    },
    {
      flags: '--document-prompt <text>',
      description: "text to put before each document (default: the model's own)",
      parse: shortText,
    },
  ],
  async run(command) {
    const stores = storeCache();
    try {
      const plan = readRetrievalPlan(command.options);
      const evaluation = await openEvaluation(requestOf(command), stores.open);
      assertPlanFits(plan, evaluation.kind);
      if (evaluation.kind === 'run') return evaluateGivenRun(evaluation, command);
      printOutcome(evaluation, plan, await evaluateModel(evaluation, plan, command), command.json);
      return 0;
    } finally {
      await stores.close();
    }
  },
};

/** Sentence pairs, answers and runs can be evaluated in one way only. */
function assertPlanFits({ mode, rerank }: RetrievalPlan, kind: EvaluationKind): void {
  if (kind === 'beir' || kind === 'squad' || (mode === 'dense' && !rerank)) return;
  throw usage('--mode and --rerank go with the kinds `beir` and `squad`', 'Leave them out.');
}

function requestOf({ arguments: [path = ''], options }: CommandInput): EvaluationRequest {
  const place = (name: string) => {
    const given = options[name];
    return typeof given === 'string' ? checkPlace(given) : undefined;
  };
  return {
    path: checkPlace(nonEmpty(path)),
    kind: options.kind as EvaluationRequest['kind'],
    split: options.split as string | undefined,
    corpus: place('corpus'),
    queries: place('queries'),
    run: place('run'),
    everyQuestion: options.everyQuestion === true,
  };
}

function evaluateGivenRun(
  evaluation: Extract<Evaluation, { kind: 'run' }>,
  { options, json }: CommandInput,
): number {
  if (options.model !== undefined) throw usage('a run goes without a model', 'Give --run or --model.');
  const { metrics, counts } = evaluateRun(evaluation, cutsOf(options));
  const { kind, uri } = evaluation;
  if (json) console.log(JSON.stringify({ kind, path: uri, metrics, counts }));
  else console.log([`${uri} (${kind})`, ...resultLines({ metrics, counts })].join('\n'));
  return 0;
}

function printOutcome(
  { kind, uri }: ModelEvaluation,
  plan: RetrievalPlan,
  { model, metrics, counts, tokens, elapsedMs }: ModelOutcome,
  json: boolean,
): void {
  const isRetrieval = kind === 'beir' || kind === 'squad';
  if (json) {
    const way = isRetrieval ? describeRetrieval(plan) : {};
    console.log(JSON.stringify({ kind, path: uri, ...way, ...model, metrics, counts, tokens, elapsedMs }));
    return;
  }
  const heading = `${uri} (${isRetrieval ? `${kind}, ${retrievalText(plan)}` : kind})`;
  const last = model
    ? `${model.model}, fingerprint ${model.fingerprint.slice(0, 12)}${comparedBy(model.similarity)}: ${counted(tokens, 'token')} in ${duration(elapsedMs)}`
    : `words alone, in ${duration(elapsedMs)}`;
  console.log([heading, ...resultLines({ metrics, counts }), last].join('\n'));
}

/** Names the similarity of the model, but only where it is not the cosine. */
function comparedBy(similarity: Similarity): string {
  return similarity === 'cosine' ? '' : `, compared by ${similarity}`;
}

function usage(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'evaluation', remedy });
}
