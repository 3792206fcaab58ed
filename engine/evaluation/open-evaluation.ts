import type { ByteSource } from '../corpus/byte-source.js';
import { extensionOf } from '../corpus/detect-format.js';
import type { StoreOpener } from '../store/store-cache.js';
import { findBelow, findSource, requireSource } from '../tables/find-source.js';
import { type Qrels, readQrels } from '../tables/read-qrels.js';
import { type AnswerTask, answerTask } from './answer-task.js';
import { refuse } from './evaluation-errors.js';
import { openBeir } from './open-beir.js';
import { type RetrievalRun, readRun } from './read-run.js';
import { readSentencePairs, type SentencePair } from './read-sentence-pairs.js';
import { readSquadQuestions } from './read-squad-questions.js';
import type { RetrievalTask } from './retrieval-task.js';
import { squadTask } from './squad-task.js';

export const EVALUATION_KINDS = ['beir', 'squad', 'squad-answers', 'sts', 'run'] as const;
export type EvaluationKind = (typeof EVALUATION_KINDS)[number];

export interface EvaluationRequest {
  /** A BEIR folder, or one file: SQuAD JSON, sentence pairs, or relevance judgements. */
  path: string;
  /** The kind of evaluation. If it is undefined, it follows from the path and the other members. */
  kind?: EvaluationKind | undefined;
  /** Selects the `qrels/<split>.tsv` of a BEIR folder; `test` if it is undefined. */
  split?: string | undefined;
  /**
   * The corpus and the queries to which the judgements at `path` belong. Either both are given or
   * neither.
   */
  corpus?: string | undefined;
  queries?: string | undefined;
  /** A TREC run to which the judgements at `path` belong. */
  run?: string | undefined;
  /** The same as in `squadTask`. */
  everyQuestion?: boolean | undefined;
}

/** The input of an evaluation, read and checked. */
export type Evaluation = { uri: string } & (
  | { kind: 'beir' | 'squad'; task: RetrievalTask }
  | { kind: 'squad-answers'; task: AnswerTask }
  | { kind: 'sts'; pairs: readonly SentencePair[] }
  | { kind: 'run'; qrels: Qrels; run: RetrievalRun }
);

/**
 * Reads and checks what a path holds, before a model is opened. Errors: INPUT_NOT_FOUND; USAGE
 * where members do not go together; INPUT_UNSUPPORTED where nothing shows what kind of input it is;
 * those of the readers.
 */
export async function openEvaluation(
  request: EvaluationRequest,
  openStore: StoreOpener,
): Promise<Evaluation> {
  const file = await findSource(request.path, openStore);
  const kind = request.kind ?? detectKind(request, file);
  checkMembers(request, kind, file);
  if (kind === 'beir') {
    const sources = file
      ? await namedSources(request, file, openStore)
      : await folderSources(request, openStore);
    return { kind, uri: file?.uri ?? request.path, task: await openBeir(sources) };
  }
  const source = file ?? (await requireSource(request.path, openStore));
  const { uri } = source;
  if (kind === 'sts') return { kind, uri, pairs: await readSentencePairs(source) };
  if (kind === 'run') {
    const run = await readRun(await requireSource(request.run!, openStore));
    return { kind, uri, run, qrels: await readQrels(source) };
  }
  const paragraphs = await readSquadQuestions(source);
  if (kind === 'squad-answers') return { kind, uri, task: answerTask(paragraphs, uri) };
  return {
    kind,
    uri,
    task: squadTask(paragraphs, { everyQuestion: request.everyQuestion === true, uri }),
  };
}

function detectKind({ path, corpus, run }: EvaluationRequest, file: ByteSource | undefined): EvaluationKind {
  if (!file || corpus !== undefined) return 'beir';
  if (run !== undefined) return 'run';
  const extension = extensionOf(file.key);
  if (extension === 'json') return 'squad';
  if (['csv', 'tsv', 'tab', 'jsonl'].includes(extension)) return 'sts';
  throw refuse(
    'INPUT_UNSUPPORTED',
    `${path}: its name does not say what it is`,
    'Name its --kind, or give --run, or --corpus and --queries, to judgements.',
    file.uri,
  );
}

/** Members that belong to another kind are refused and not ignored. */
function checkMembers(request: EvaluationRequest, kind: EvaluationKind, file: ByteSource | undefined): void {
  const { split, corpus, queries, run, everyQuestion } = request;
  const isFolder = kind === 'beir' && !file;
  const wrong = [
    split !== undefined && !isFolder && '--split goes with a BEIR folder',
    (corpus === undefined) !== (queries === undefined) && '--corpus and --queries go together',
    corpus !== undefined &&
      (kind !== 'beir' || isFolder) &&
      '--corpus and --queries go with a file of judgements',
    corpus === undefined &&
      kind === 'beir' &&
      file &&
      'judgements alone need --corpus and --queries, or --run',
    run !== undefined && kind !== 'run' && '--run goes with a file of judgements and no --corpus',
    run === undefined && kind === 'run' && 'the kind `run` needs --run',
    everyQuestion === true && kind !== 'squad' && '--every-question goes with the kind `squad`',
  ].find((message) => typeof message === 'string');
  if (wrong) throw refuse('USAGE', wrong, 'See `vectormill eval --help`.');
}

async function namedSources(
  { corpus, queries }: EvaluationRequest,
  qrels: ByteSource,
  openStore: StoreOpener,
) {
  return {
    qrels,
    corpus: await requireSource(corpus!, openStore),
    queries: await requireSource(queries!, openStore),
  };
}

async function folderSources({ path, split = 'test' }: EvaluationRequest, openStore: StoreOpener) {
  const [corpus, queries, qrels] = await Promise.all(
    ['corpus.jsonl', 'queries.jsonl', `qrels/${split}.tsv`].map(async (name) => {
      const found = await findBelow(path, name, openStore);
      if (found) return found;
      const message = `there is no ${name} in ${path}, nor a file of that name`;
      const remedy =
        'Give a BEIR folder (corpus.jsonl, queries.jsonl, qrels/<--split>.tsv) or a file of another kind.';
      throw refuse('INPUT_NOT_FOUND', message, remedy, path);
    }),
  );
  return { corpus: corpus!, queries: queries!, qrels: qrels! };
}
