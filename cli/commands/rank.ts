import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import { findCrossEncoder } from '../../engine/model/cross-encoder/find-cross-encoder.js';
import { assertOneLabel } from '../../engine/model/cross-encoder/onnx-cross-encoder.js';
import type { CrossEncoder } from '../../engine/model/cross-encoder.js';
import { DENSE_ACTIVATIONS } from '../../engine/model/folder/layer-configuration.js';
import { type StoreOpener, storeCache } from '../../engine/store/store-cache.js';
import type { CommandDefinition, CommandInput } from '../define-command.js';
import { openSource, openTarget, writeTarget } from '../file-argument.js';
import { duration } from '../job/progress-line.js';
import { nonEmpty, oneOf, shortText, wholeNumber } from '../option-values.js';
import { oneLine } from '../print.js';
import { showProgress } from '../progress.js';
import { type PairRow, readDocuments, readTextPairs } from '../rank/read-text-pairs.js';
import { rankPairs, type ScoredPair, scorePairs } from '../rank/score-pairs.js';

export const rankCommand: CommandDefinition = {
  examples: [
    'vectormill rank --model ./my-cross-encoder --query "who may approve leave" --input documents.jsonl --top 10',
    'vectormill rank --model ./my-cross-encoder --pairs pairs.jsonl --output logits.jsonl --activation Identity --json',
  ],
  options: [
    {
      flags: '--model <folder>',
      description: 'a cross-encoder: a path to its folder, or its name in the cache',
      required: true,
      parse: nonEmpty,
    },
    {
      flags: '--query <text>',
      description: 'the text to score the documents of --input against',
      parse: (text) => shortText(nonEmpty(text)),
    },
    {
      flags: '--input <file>',
      description: 'JSONL file of documents `id, text`, plain, .gz or .zst; a path or s3://bucket/key',
      parse: nonEmpty,
    },
    {
      flags: '--pairs <file>',
      description:
        'instead of both, a JSONL file of pairs `query, text` or `text1, text2`, whose scores are given in its order',
      parse: nonEmpty,
    },
    {
      flags: '--top <n>',
      description: 'documents to list (default: all)',
      parse: wholeNumber(1, 1_000_000_000),
    },
    {
      flags: '--output <file>',
      description: 'JSONL file to write the result to (default: stdout); a path or s3://bucket/key',
      parse: nonEmpty,
    },
    { flags: '--overwrite', description: 'replace an output file that is there already' },
    {
      flags: '--max-tokens <n>',
      description:
        "tokens a pair may have, the longer text is cut off first (default: the model's own limit)",
      parse: wholeNumber(1, 1_000_000),
    },
    {
      flags: '--activation <name>',
      description:
        "what to apply to the model's logits, by its PyTorch class; `Identity` leaves them as they are (default: the model's own)",
      parse: oneOf(DENSE_ACTIVATIONS),
    },
  ],
  async run(command) {
    const stores = storeCache();
    try {
      return await rank(command, stores.open);
    } finally {
      await stores.close();
    }
  },
};

/** The scoring that the options ask for. */
interface Task {
  query: string | undefined;
  /** The option that names the file, and the file. */
  option: string;
  file: string;
}

async function rank({ options, json }: CommandInput, openStore: StoreOpener): Promise<number> {
  const startedAt = performance.now();
  const { query, option, file } = readTask(options);
  const model = await findCrossEncoder({
    source: String(options.model),
    maxTokens: options.maxTokens as number | undefined,
    activation: options.activation as string | undefined,
  });
  if (query !== undefined) assertOneLabel(model.signature);
  const place = { component: 'rank', overwrite: options.overwrite === true };
  const input = await openSource(file, openStore, { ...place, option });
  const output =
    options.output === undefined
      ? undefined
      : await openTarget(String(options.output), openStore, { ...place, input });
  const read = () => (query === undefined ? readTextPairs(input) : readDocuments(input, query));
  const total = await countRows(read());
  const encoder = await model.open();
  try {
    const scored = await scoreWithProgress(read(), encoder, { total, json });
    const results =
      query === undefined ? scored.results : rankPairs(scored.results, options.top as number | undefined);
    const { signature, fingerprint } = encoder;
    const { pairs, tokens } = scored;
    const elapsedMs = Math.round(performance.now() - startedAt);
    const about = { model: signature.name, fingerprint, pairs, tokens, elapsedMs };
    if (output) {
      await writeTarget(output, jsonLines(results), place);
      if (json) console.log(JSON.stringify({ output: output.uri, rows: results.length, ...about }));
      else
        console.log(
          `${output.uri}: ${counted(results.length, 'row')} of ${counted(pairs, 'pair')}, ${counted(tokens, 'token')} (${duration(elapsedMs)})`,
        );
    } else if (json)
      console.log(JSON.stringify({ ...about, ...(query === undefined ? {} : { query }), results }));
    else for (const result of results) console.log(textLine(result));
    return 0;
  } finally {
    await encoder.close();
  }
}

/** Errors: USAGE for options that do not go together. */
function readTask(options: CommandInput['options']): Task {
  const { query, input, pairs, top } = options;
  if (pairs === undefined && typeof query === 'string' && typeof input === 'string')
    return { query, option: '--input', file: input };
  if (typeof pairs === 'string' && query === undefined && input === undefined && top === undefined)
    return { query: undefined, option: '--pairs', file: pairs };
  throw new VectormillError('USAGE', 'what to score is not said in one of the two ways', {
    component: 'rank',
    remedy: 'Give --query and --input, with or without --top, or give --pairs alone.',
  });
}

/** Counts the rows first, which finds a bad line before anything is computed. */
async function countRows(rows: AsyncIterable<PairRow>): Promise<number> {
  let total = 0;
  for await (const _row of rows) total += 1;
  return total;
}

async function scoreWithProgress(
  rows: AsyncIterable<PairRow>,
  encoder: CrossEncoder,
  { total, json }: { total: number; json: boolean },
) {
  const progress = showProgress('scored', 'pairs', json);
  try {
    return await scorePairs(rows, encoder, (done) => progress.update(done, total));
  } finally {
    progress.stop();
  }
}

function jsonLines(results: readonly ScoredPair[]): Uint8Array {
  return Buffer.from(results.map((result) => `${JSON.stringify(result)}\n`).join(''));
}

/** Returns a line with rank, scores and id. */
function textLine({ rank: place, id, score, scores = [score!] }: ScoredPair): string {
  const numbers = scores.map((value) => value.toPrecision(6));
  return [
    ...(place === undefined ? [] : [`${place}.`]),
    ...numbers,
    ...(id === undefined ? [] : [oneLine(id)]),
  ].join('  ');
}
