import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { errorWith, isVectormillError, VectormillError } from '../../core/errors.js';
import { parseHubName } from '../../core/model-lock.js';
import { PRECISIONS } from '../../core/model-signature.js';
import { prepareJob } from '../../engine/job/prepare-job.js';
import { lockedModel } from '../../engine/model/fetch/locked-models.js';
import { resolveModel } from '../../engine/model/fetch/resolve-model.js';
import { type StoreOpener, storeCache } from '../../engine/store/store-cache.js';
import { MODEL_MEANING } from '../argument-meanings.js';
import type { CommandDefinition } from '../define-command.js';
import { findInputDifferences, printComplete } from '../job/complete-job.js';
import { type EmbedChoice, jobOfInput, liesIn } from '../job/job-of-input.js';
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
  assertApart(choice);
  await fetchModel(choice.model, json);
  // Relative paths of a job are taken from its file, which would lie in the working directory.
  const { job, versionState } = await prepareJob(join(process.cwd(), 'job.yaml'), text, openStore).catch(
    (error: unknown) => {
      throw isVectormillError(error) && namesJobKey(error) ? withJobFile(error, choice) : error;
    },
  );
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
 * `input.format`.
 */
function namesJobKey({ remedy }: VectormillError): boolean {
  return /\binput\.(?!uri)[a-z]/.test(remedy);
}

/** Adds to a remedy that names a key of a job file how to get the file. */
function withJobFile(error: VectormillError, choice: EmbedChoice): VectormillError {
  const remedy = `${error.remedy}. \`${printJobCommand(choice)}\` prints the job file that has these keys; \`${typedCommand(['run', 'job.yaml', '--local'])}\` runs it.`;
  return errorWith(error, { remedy });
}

/** Errors: USAGE where the output lies in the input's folder, be it by a link. */
function assertApart({ input, output }: EmbedChoice): void {
  const absolute = (place: string) =>
    /^[a-z][a-z0-9+.-]*:\/\//i.test(place) ? place : realPlace(resolve(place));
  if (!liesIn(absolute(output), absolute(input))) return;
  throw new VectormillError('USAGE', `the output ${output} lies in the input ${input}`, {
    component: 'cli',
    remedy: 'Give an --output elsewhere: a later version would read what this one writes.',
  });
}

/** Follows the links of an absolute path, as far as there is something. */
function realPlace(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path === dirname(path) ? path : join(realPlace(dirname(path)), basename(path));
  }
}

/** Gets a model that can be pulled by its name, if it is not in the cache. */
async function fetchModel(name: string, json: boolean): Promise<void> {
  if (!lockedModel(name) && !parseHubName(name)) return;
  const isHere = await resolveModel(name).then(
    () => true,
    () => false,
  );
  if (!isHere) await pullByName(name, undefined, json);
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
