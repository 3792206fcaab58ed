/** A moment in the course of a night, by what is written then. */
export interface KillPoint {
  name: string;
  /** Matches the key of what is written. */
  key: RegExp;
  /** The number of the write that matches, from 1; the first if it is absent. */
  nth?: number;
}

/**
 * The writes by which a version that carries rows over comes into being, in their order. There are
 * three shards: two of what has changed, and one of an object that must be read again.
 */
export const VERSION_POINTS: readonly KillPoint[] = [
  { name: 'the night has pinned its version', key: /\/pins\/night\.[^/]+\.json$/ },
  { name: 'the job has pinned its version', key: /\/pins\/nightly-[^/]+\.json$/ },
  { name: 'the version is named among those that begin', key: /\/begun\/[^/]+\/[^/]+$/ },
  { name: 'the version is claimed', key: /\/job\.json$/ },
  { name: 'the probe is computed', key: /\/probe\.json$/ },
  { name: 'what has changed is planned', key: /\/plan\.parquet$/ },
  { name: 'a first shard is scanned', key: /\/scan\/\d+\.documents$/ },
  { name: 'the rejects of a scan are written', key: /\/scan\/\d+\.rejects\.parquet$/ },
  { name: 'the last shard of the plan is scanned', key: /\/scan\/\d+\.documents$/, nth: 2 },
  { name: 'an unchanged object is asked for', key: /\/carry\/plan-again\.parquet$/ },
  { name: 'an unchanged object is scanned', key: /\/scan\/\d+\.documents$/, nth: 3 },
  {
    name: 'some of what became of documents is written',
    key: /\/carry\/(\d+\.(documents|verdicts)|dead\.rows)$|\/rejects\/carried\.parquet$/,
    nth: 3,
  },
  { name: 'documents are resolved', key: /\/carry\/resolved\.json$/ },
  { name: 'a first part is cut', key: /\/chunks\/\d+\/part-[\d-]+\.parquet$/ },
  {
    name: 'some of what a shard holds is listed',
    key: /\/(documents|texts)\/\d+\.\w+$|\/rejects\/\d+\.parquet$/,
  },
  { name: 'a shard is cut', key: /\/chunks\/\d+\/_parts\.json$/ },
  { name: 'a first part is embedded', key: /\/vectors\/\d+\/part-[\d-]+\.parquet$/ },
  { name: 'some vectors are not committed', key: /\/vectors\/\d+\/part-[\d-]+\.parquet$/, nth: 3 },
  { name: 'a first shard is committed', key: /\/commits\/\d+\.json$/ },
  { name: 'the last shard is committed', key: /\/commits\/\d+\.json$/, nth: 3 },
  { name: 'a first list is written', key: /\/lists\/\w+-\d+\.parquet$/ },
  { name: 'several lists are written', key: /\/lists\/\w+-\d+\.parquet$/, nth: 4 },
  { name: 'the version is readable', key: /\/versions\/[^/]+\/manifest\.json$/ },
  { name: 'the version is marked as complete', key: /\/_SUCCESS$/ },
  { name: 'the finished version is pinned again', key: /\/pins\/nightly-[^/]+\.json$/, nth: 2 },
];

/** The writes that follow once a version is readable. */
export const INDEX_POINTS: readonly KillPoint[] = [
  { name: 'a new graph is built', key: /\/index\/main\/\w+\.usearch$/ },
  { name: 'a new graph is recorded', key: /\/index\/main\/[\da-f]+\.json$/ },
  { name: 'rows and queries of the index are listed', key: /\/index\/main\/\w+\.(rows|gate)\.parquet$/ },
  { name: 'the index is published', key: /\/index\/main\/manifest\.json$/ },
  { name: 'the lineage is written', key: /\/lineage\.json$/ },
  { name: 'the night has pinned what the ref shall name', key: /\/pins\/night\.[^/]+\.json$/, nth: 2 },
  { name: 'the ref is moved', key: /\/refs\/current\.json$/ },
];
