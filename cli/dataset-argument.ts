import { resolve } from 'node:path';
import { VectormillError } from '../core/errors.js';
import { NAME_PATTERN, NAME_RULE } from '../core/name.js';
import type { ObjectStore } from '../engine/store/object-store.js';
import type { StoreOpener } from '../engine/store/store-cache.js';
import { parseDatasetName } from '../engine/version/resolve-version.js';
import type { CommandInput, OptionDefinition } from './define-command.js';
import { findOutput } from './find-output.js';
import { nonEmpty } from './option-values.js';

export const outputOption: OptionDefinition = {
  flags: '--output <uri>',
  description:
    'root that holds the dataset: s3://bucket/prefix or a path (default: VECTORMILL_OUTPUT, or else what Temporal knows of its jobs)',
  parse: nonEmpty,
};

/** A dataset as an argument names it. */
export interface DatasetPlace {
  store: ObjectStore;
  dataset: string;
  /** The name of a ref or of a version. */
  selector: string;
  /** Whether the argument itself names the ref or version. */
  explicit: boolean;
}

/**
 * Finds where the dataset lies that a command's first argument names. The place comes from the
 * argument itself, from `--output`, from VECTORMILL_OUTPUT, or from what Temporal knows about its
 * jobs. A place that is not on the command line is printed on stderr; with `--json`, every command
 * has it in its result as `output`. Errors: USAGE, naming these ways, for names and paths that lead
 * out of the output root, and where several places fit.
 */
export async function openDataset(
  { arguments: [argument = ''], options, json }: CommandInput,
  openStore: StoreOpener,
): Promise<DatasetPlace> {
  const { output } = options;
  const { root, name } = splitPlace(argument);
  if (root !== undefined && output !== undefined) {
    throw usage(`${argument} says where the dataset lies, and so does --output`, 'Give one of the two.');
  }
  const { dataset, selector } = parseDatasetName(name);
  checkName('dataset', dataset);
  checkName('ref or version', selector);
  const open = (uri: unknown) => openStore(checkPlace(String(uri)));
  const place = { dataset, selector, explicit: name.includes('@') };
  if ((root ?? output) !== undefined) return { ...place, store: open(root ?? output) };
  const { VECTORMILL_OUTPUT } = process.env;
  const store = VECTORMILL_OUTPUT ? open(VECTORMILL_OUTPUT) : await findOutput(place, openStore);
  const why = VECTORMILL_OUTPUT ? 'as VECTORMILL_OUTPUT says' : 'where its jobs wrote it';
  if (!json) console.error(`note: ${dataset} is read in ${store.root}, ${why}; --output names another place`);
  return { ...place, store };
}

/**
 * `s3://bucket/prefix/name`, `./out/name` and `/out/name` contain their root. A plain name does
 * not.
 */
function splitPlace(argument: string): { root: string | undefined; name: string } {
  const trimmed = argument.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return { root: undefined, name: trimmed };
  const root = trimmed.slice(0, slash);
  const name = trimmed.slice(slash + 1);
  if (!isUri(trimmed)) return { root: resolve(root === '' ? '/' : root), name };
  if (isUri(root)) return { root, name };
  throw usage(`${JSON.stringify(argument)} names no dataset`, 'Give s3://bucket/prefix/dataset.');
}

/** Errors: USAGE for a URI that contains `..`, because no store would read it as it is meant. */
export function checkPlace(uri: string): string {
  if (isUri(uri) && uri.split('/').some((name) => name === '..' || name === '.')) {
    throw usage(`${JSON.stringify(uri)} leads elsewhere`, 'Give the URI without `.` and `..`.');
  }
  return uri;
}

function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/./i.test(text);
}

function checkName(what: string, name: string): void {
  if (NAME_PATTERN.test(name)) return;
  throw usage(`${JSON.stringify(name)} is no name of a ${what}`, `Names are ${NAME_RULE}.`);
}

function usage(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'cli', remedy });
}
