import { VectormillError } from '../core/errors.js';
import type { ObjectStore } from '../engine/store/object-store.js';
import type { StoreOpener } from '../engine/store/store-cache.js';
import { checkPlace, parseDatasetPlace } from '../engine/version/dataset-place.js';
import type { CommandInput, OptionDefinition } from './define-command.js';
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
export async function findDataset(
  { arguments: [argument = ''], options, json }: CommandInput,
  openStore: StoreOpener,
): Promise<DatasetPlace> {
  const { output } = options;
  const { root, ...named } = parseDatasetPlace(argument);
  if (root !== undefined && output !== undefined)
    throw new VectormillError('USAGE', `${argument} says where the dataset lies, and so does --output`, {
      component: 'cli',
      remedy: 'Give one of the two.',
    });
  const open = (uri: unknown) => openStore(checkPlace(String(uri)));
  if ((root ?? output) !== undefined) return { ...named, store: open(root ?? output) };
  const { VECTORMILL_OUTPUT } = process.env;
  const store = VECTORMILL_OUTPUT ? open(VECTORMILL_OUTPUT) : await storeOfJobs(named, openStore);
  const why = VECTORMILL_OUTPUT ? 'as VECTORMILL_OUTPUT says' : 'where its jobs wrote it';
  if (!json)
    console.error(`note: ${named.dataset} is read in ${store.root}, ${why}; --output names another place`);
  return { ...named, store };
}

/**
 * Finds the store by what Temporal knows. The client of Temporal takes a quarter of a second to
 * load, so it is loaded only here.
 */
async function storeOfJobs(
  named: { dataset: string; selector: string },
  openStore: StoreOpener,
): Promise<ObjectStore> {
  const { findOutput } = await import('./find-output.js');
  return findOutput(named, openStore);
}
