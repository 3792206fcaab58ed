import { join } from 'node:path';
import { errorWith, isVectormillError, VectormillError } from '../../core/errors.js';
import { parseHubName } from '../../core/model-lock.js';
import { PRECISIONS } from '../../core/model-signature.js';
import { planCorpus } from '../../engine/corpus/plan-corpus.js';
import type { JobDraft } from '../../engine/job/job-schema.js';
import { isOutputInInput } from '../../engine/job/output-apart.js';
import { parseJob } from '../../engine/job/parse-job.js';
import { prepareJob } from '../../engine/job/prepare-job.js';
import { lockedModel } from '../../engine/model/fetch/locked-models.js';
import { resolveModel } from '../../engine/model/fetch/resolve-model.js';
import { type StoreOpener, storeCache } from '../../engine/store/store-cache.js';
import { MODEL_MEANING } from '../argument-meanings.js';
import type { CommandDefinition } from '../define-command.js';
import { findInputDifferences, printComplete } from '../job/complete-job.js';
import { type EmbedChoice, jobOfInput } from '../job/job-of-input.js';
import { runHere } from '../job/run-locally.js';
import { nonEmpty, oneOf, properName } from '../option-values.js';
import { typedCommand } from '../typed-command.js';
import { pullByName } from './pull-model.js';

const DEFAULTS: Record<'output' | 'model' | 'version', string> & Record<string, string> = {
  output: './out',
  model: 'all-MiniLM-L6-v2',
  version: 'v1',
};

export const embedCommand: CommandDefinition = {
  examples: [
    'vectormill embed ./docs',
    'vectormill embed corpus.jsonl --output ./out --precision int8 --json',
    'vectormill embed ./docs --dataset handbook --version v2 --print-job',
  ],
  options: [
    {
      flags: '--output <uri>',
      description: 'root that will hold the dataset: a folder, or s3://bucket/prefix',
      parse: nonEmpty,
      fallback: DEFAULTS.output,
    },
    { flags: '--model <name>', description: MODEL_MEANING, parse: nonEmpty, fallback: DEFAULTS.model },
    {
      flags: '--precision <name>',
      description: `what the model computes with: ${PRECISIONS.join(', ')} (default: as the model's folder says)`,
      parse: oneOf(PRECISIONS),
    },
    {
      flags: '--dataset <name>',
      description: "name of the dataset (default: the input's last name)",
      parse: properName,
    },
    {
      flags: '--version <name>',
      description: 'version to make',
      parse: properName,
      fallback: DEFAULTS.version,
    },
    { flags: '--print-job', description: 'print the job file that this stands for, and do nothing else' },
  ],
  async run({ arguments: [input = ''], options, json }) {
    const choice = { input, ...options } as unknown as EmbedChoice;
    const text = jobOfInput(choice);
    if (options.printJob === true) {
      console.log(json ? JSON.stringify({ job: text }) : text.trimEnd());
      return 0;
    }
    const stores = storeCache();
    try {
      return await embed(choice, text, stores.open, json);
    } catch (error) {
      throw isVectormillError(error) && namesJobKey(error) ? withJobFile(error, choice) : error;
    } finally {
      await stores.close();
    }
  },
};

async function embed(
  choice: EmbedChoice,
  text: string,
  openStore: StoreOpener,
  json: boolean,
): Promise<number> {
  // Relative paths of a job are taken from its file, which would lie in the working directory.
  const file = join(process.cwd(), 'job.yaml');
  const draft = parseJob(text, file);
  await assertApart(choice, draft);
  if (!(await isHere(choice.model))) {
    // A model takes minutes to fetch, so an input that is not there is refused before.
    await planCorpus(draft.input, { shardBytes: draft.shard_bytes, openStore });
    await pullByName(choice.model, undefined, json);
  }
  const { job, versionState } = await prepareJob(file, text, openStore);
  if (versionState === 'complete' && (await printComplete(job, openStore, json))) return 0;
  return runHere(job, openStore, {
    json,
    again: typedCommand(wordsOf(choice)),
    input: versionState === 'new' ? undefined : () => findInputDifferences(job, openStore),
    next: [
      `${printJobCommand(choice)} > job.yaml`,
      `${typedCommand(['run', 'job.yaml', '--local', '--version', 'v2'])}    # once you have changed it`,
    ],
  });
}

/**
 * Says whether an error's remedy names a key that can only be given in a job file, such as
 * `input.format` or `limits.reject_share`.
 */
function namesJobKey({ remedy }: VectormillError): boolean {
  return /\b(input|limits|chunking|parts|vectors)\.(?!uri\b)[a-z]/.test(remedy);
}

/** Adds to a remedy that names a key of a job file how to get the file. */
function withJobFile(error: VectormillError, choice: EmbedChoice): VectormillError {
  const remedy = `${error.remedy.replace(/\.$/, '')}. \`${printJobCommand(choice)}\` prints the job file that has these keys; \`${typedCommand(['run', 'job.yaml', '--local'])}\` runs it.`;
  return errorWith(error, { remedy });
}

/** Errors: USAGE where the output lies in the input, be it by a link. */
async function assertApart({ input, output }: EmbedChoice, draft: JobDraft): Promise<void> {
  if (!(await isOutputInInput(draft))) return;
  throw new VectormillError('USAGE', `the output ${output} lies in the input ${input}`, {
    component: 'cli',
    remedy: 'Give an --output elsewhere: a later version would read what this one writes.',
  });
}

/** Says whether a model need not be fetched: it is in the cache, or its name cannot be pulled. */
function isHere(name: string): Promise<boolean> {
  if (!lockedModel(name) && !parseHubName(name)) return Promise.resolve(true);
  return resolveModel(name).then(
    () => true,
    () => false,
  );
}

/** Returns the command that prints the job file that `embed` stands for. */
function printJobCommand(choice: EmbedChoice): string {
  return typedCommand([...wordsOf(choice), '--print-job']);
}

/**
 * Returns the words of the command that embeds the same again. Options at their defaults are left
 * out.
 */
function wordsOf({ input, output, model, precision, dataset, version }: EmbedChoice): string[] {
  const given = Object.entries({ output, model, precision, dataset, version }).filter(
    ([name, value]) => value !== undefined && value !== DEFAULTS[name],
  );
  return ['embed', input, ...given.flatMap(([name, value]) => [`--${name}`, String(value)])];
}
