import { type ComparedSlices, compareSlices } from '../../../core/carry/compare-slices.js';
import type { Slice } from '../../../core/plan.js';
import type { OpenVersion } from '../../version/open-version.js';
import type { CarriedCorpus } from './carried-corpus.js';

/** The slices of a version that carries rows over, in the order of the corpus. */
export interface SliceOrder extends ComparedSlices {
  /** Returns the place of a slice that is read. */
  placeOf(slice: Slice): number;
}

/** Orders the slices of a version: those of the parent that are kept, and those that are read. */
export async function sliceOrder(
  version: OpenVersion,
  parent: CarriedCorpus | undefined,
): Promise<SliceOrder> {
  const slices = parent?.slices ?? [];
  const kept = new Set((await version.keptSlices()).map((place) => slices[place]!.uri));
  const read = (await version.plan())
    .flatMap((shard) => shard.slices)
    .sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : a.start - b.start));
  const compared = compareSlices(slices, kept, read);
  const nameOf = ({ uri, start }: Slice) => `${start} ${uri}`;
  const places = new Map(compared.slices.map(({ slice }, place) => [nameOf(slice), place]));
  return { ...compared, placeOf: (slice) => places.get(nameOf(slice))! };
}
