import { isVectormillError } from '../../core/errors.js';
import type { InputSpec, JobSpec } from '../../core/job-spec.js';
import type { Slice } from '../../core/plan.js';
import type { StoreOpener } from '../store/store-cache.js';
import { planCorpus } from './plan-corpus.js';

/** The numbers of objects of an input that differ from a version's plan. */
export interface InputDifferences {
  added: number;
  changed: number;
  removed: number;
}

/**
 * Compares what an input holds now with the slices that a version was planned from, by names and
 * entity tags.
 * An input that holds nothing any more is no error: every object then counts as removed.
 * Errors: as `planCorpus`.
 */
export async function compareInput(
  planned: readonly Pick<Slice, 'uri' | 'etag'>[],
  { input, shardBytes }: Pick<JobSpec, 'input' | 'shardBytes'>,
  openStore: StoreOpener,
): Promise<InputDifferences> {
  const before = tagsOf(planned);
  const now = tagsOf(await planNow(input, { shardBytes, openStore }));
  const uris = [...now.keys()];
  return {
    added: uris.filter((uri) => !before.has(uri)).length,
    changed: uris.filter((uri) => before.has(uri) && before.get(uri) !== now.get(uri)).length,
    removed: [...before.keys()].filter((uri) => !now.has(uri)).length,
  };
}

async function planNow(
  input: InputSpec,
  options: { shardBytes: number; openStore: StoreOpener },
): Promise<readonly Slice[]> {
  try {
    return (await planCorpus(input, options)).shards.flatMap(({ slices }) => slices);
  } catch (error) {
    if (isVectormillError(error) && (error.code === 'INPUT_NOT_FOUND' || error.code === 'INPUT_EMPTY'))
      return [];
    throw error;
  }
}

function tagsOf(slices: readonly Pick<Slice, 'uri' | 'etag'>[]): Map<string, string> {
  return new Map(slices.map(({ uri, etag }) => [uri, etag]));
}
