import type { JobRecord } from '../job-spec.js';
import type { ManifestFields } from '../manifest.js';
import type { MiningSpec } from '../mining/mining-spec.js';
import type { Pin } from './pin.js';

/** A pin, and the dataset whose versions it names. */
export interface PlacedPin extends Omit<Pin, 'formatVersion' | 'owner'> {
  dataset: string;
  /** Those of the versions that the job can do without, if they are being deleted already. */
  mayBeGone?: readonly string[];
}

/**
 * Returns the pins of the job that makes a version: one for the dataset of the version, which names
 * the version and its parent, and one for each other dataset that lends vectors to it.
 */
export function pinsOfJob({
  spec,
  parent,
  reuse = [],
}: Pick<JobRecord, 'spec' | 'parent' | 'reuse'>): PlacedPin[] {
  const { dataset, version } = spec;
  const lendersIn = (place: string) =>
    reuse.filter((lender) => lender.dataset === place).map((lender) => lender.version);
  const own = [version, ...(parent === null ? [] : [parent]), ...lendersIn(dataset)];
  const others = [...new Set(reuse.map((lender) => lender.dataset))].filter((other) => other !== dataset);
  return [
    { dataset, job: version, makes: version, versions: [...new Set(own)] },
    ...others.map((other) => ({
      dataset: other,
      job: `${dataset}.${version}`,
      makes: null,
      versions: lendersIn(other),
    })),
  ];
}

/** Returns the pin of a night, which needs its version until the ref names it. */
export function pinOfNight(dataset: string, version: string, parent: string | null): PlacedPin {
  const versions = [version, ...(parent === null ? [] : [parent])];
  return { dataset, job: `night.${version}`, makes: version, versions };
}

/** Returns the pin of the building of an index, which follows that of the parent. */
export function pinOfIndex(
  { dataset, version, parent }: Pick<ManifestFields, 'dataset' | 'version' | 'parent'>,
  name: string,
): PlacedPin {
  const mayBeGone = parent === null ? [] : [parent];
  return {
    dataset,
    job: `index.${version}.${name}`,
    makes: null,
    versions: [version, ...mayBeGone],
    mayBeGone,
  };
}

/** Returns the pin of the mining of a set of triplets. */
export function pinOfMining({ dataset, version, name }: MiningSpec): PlacedPin {
  return { dataset, job: `mine.${version}.${name}`, makes: null, versions: [version] };
}
