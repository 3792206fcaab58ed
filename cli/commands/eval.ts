import { VectormillError } from '../../core/errors.js';
import { evaluate, type ModelEvaluation } from '../../engine/evaluation/evaluate.js';
import { evaluateRun } from '../../engine/evaluation/evaluate-run.js';
import type { EvaluationResult } from '../../engine/evaluation/evaluation-result.js';
import {
  EVALUATION_KINDS,
  type Evaluation,
  type EvaluationRequest,
  openEvaluation,
} from '../../engine/evaluation/open-evaluation.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { openEmbedder } from '../../engine/model/find-model.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { checkPlace } from '../dataset-argument.js';
import type { CommandDefinition, CommandInput } from '../define-command.js';
import { resultLines } from '../eval/result-lines.js';
import { count, duration } from '../job/progress-line.js';
import { MODEL_OPTIONS } from '../model-options.js';
import { chosenModel, MODEL_MEANING } from '../model-settings.js';
import { nonEmpty, oneOf, shortText, wholeNumbers } from '../option-values.js';
import { showProgress } from '../progress.js';

export const evalCommand: CommandDefinition = {
  usage: 'eval <path>',
  summary:
    'Measure how good a model is at retrieval, sentence similarity or finding answers; needs no Temporal.',
  examples: [
    'vectormill eval ./scifact --model all-MiniLM-L6-v2',
    'vectormill eval squad-dev.json --kind squad-answers --model all-MiniLM-L6-v2 --json',
    'vectormill eval sts-test.csv --model ./my-model --max-tokens 128',
    'vectormill eval qrels.txt --corpus corpus.jsonl.gz --queries queries.jsonl --model ./my-model --k 10,100',
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
      const { options } = command;
      const evaluation = await openEvaluation(requestOf(command), stores.open);
      if (evaluation.kind === 'run') return evaluateGivenRun(evaluation, command);
      if (typeof options.model !== 'string')
        throw usage('it takes a --model to evaluate', 'Give --model <name>.');
      return await evaluateModel(evaluation, options.model, command);
    } finally {
      await stores.close();
    }
  },
};

/** Cuts where `--k` names none. */
const DEFAULT_CUTS = [1, 5, 10, 100];

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

async function evaluateModel(
  evaluation: ModelEvaluation,
  source: string,
  { options, json }: CommandInput,
): Promise<number> {
  const startedAt = performance.now();
  const embedder = await openEmbedder({
    ...(await chosenModel(source, options)),
    prompts: {
      query: options.queryPrompt as string | undefined,
      document: options.documentPrompt as string | undefined,
    },
  });
  try {
    const { metrics, counts, tokens } = await evaluateWithProgress(evaluation, embedder, { options, json });
    const { signature, fingerprint } = embedder;
    const elapsedMs = Math.round(performance.now() - startedAt);
    const { kind, uri } = evaluation;
    if (json) {
      const model = { model: signature.name, fingerprint, dimensions: signature.dimensions };
      console.log(JSON.stringify({ kind, path: uri, ...model, metrics, counts, tokens, elapsedMs }));
      return 0;
    }
    const last = `${signature.name}, fingerprint ${fingerprint.slice(0, 12)}: ${count(tokens)} tokens in ${duration(elapsedMs)}`;
    console.log([`${uri} (${kind})`, ...resultLines({ metrics, counts }), last].join('\n'));
    return 0;
  } finally {
    await embedder.close();
  }
}

async function evaluateWithProgress(
  evaluation: ModelEvaluation,
  embedder: Embedder,
  { options, json }: Pick<CommandInput, 'options' | 'json'>,
): Promise<EvaluationResult> {
  const progress = showProgress('embedded', 'texts', json);
  try {
    return await evaluate(evaluation, embedder, {
      ks: cutsOf(options),
      ignoreIdenticalIds: options.ignoreIdenticalIds === true,
      onProgress: progress.update,
    });
  } finally {
    progress.stop();
  }
}

function cutsOf(options: CommandInput['options']): readonly number[] {
  return (options.k as number[] | undefined) ?? DEFAULT_CUTS;
}

function usage(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'evaluation', remedy });
}
