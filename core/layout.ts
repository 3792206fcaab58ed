import { partName, shardName } from './ids.js';
import type { ShardGroup } from './shard-groups.js';

/** The lists that a manifest refers to. Those of vector files have the names of outputs. */
export type ListName = 'parts' | 'dense' | 'rejects' | 'slices' | 'documents' | 'texts' | 'repeats';

/**
 * A file of a sorted run of entries that are too many to be sorted in memory. A run of level 0 has
 * one piece; the others were merged of runs of the level before. All are numbered from 0.
 */
export interface RunPiece {
  level: number;
  run: number;
  piece: number;
}

/** The keys of one version, relative to the output root. */
export interface VersionLayout {
  prefix: string;
  job: string;
  plan: string;
  /** The plan of the objects that have not changed but must be read all the same. */
  planAgain: string;
  /** The documents of a shard as its scan found them, where rows are carried over. */
  scannedDocuments: (shard: number) => string;
  /**
   * Sorted documents of the shards that were scanned, where there are too many to be sorted in
   * memory. `shards` is their number, because more shards may be planned.
   */
  scannedRun: (shards: number, piece: RunPiece) => string;
  /** The create-once record of what became of the parent's documents. It is written last. */
  resolved: string;
  /** A byte for each record of a shard that was scanned: what becomes of it. */
  verdicts: (shard: number) => string;
  /** A piece, by its number from 0, of the documents that are known without being cut. */
  carriedDocuments: (piece: number) => string;
  /** The runs of the parent's rows that no document has any more. */
  deadRows: string;
  /** The rejects of objects that have not changed. */
  carriedRejects: string;
  manifest: string;
  /** The create-once record of what a scheduled night made of this version, and from what. */
  lineage: string;
  success: string;
  probe: string;
  scan: (shard: number) => string;
  /** The records that a shard's scan rejected. The file is absent where it rejected none. */
  scanRejects: (shard: number) => string;
  /**
   * One of the files that hold the ids of a group of shards, numbered from 0. The group's ids are
   * in several files where they are too many for one.
   */
  foldedIds: (group: ShardGroup, file: number) => string;
  /**
   * One of the files that hold the ids of several groups, numbered from 0. Each has some buckets.
   */
  mergedIds: (shards: ShardGroup, file: number) => string;
  duplicates: (fromBucket: number, toBucket: number) => string;
  /** The beginning of every `duplicates` key. */
  duplicatesPrefix: string;
  /** The beginnings of the keys of what is known by cutting. */
  cutPrefixes: readonly string[];
  chunkFolder: (shard: number) => string;
  chunkPart: (shard: number, start: number, end: number) => string;
  /** The create-once list of a shard's chunk parts. Where it exists, chunking is complete. */
  chunkParts: (shard: number) => string;
  vectorFolder: (shard: number) => string;
  vectorPart: (shard: number, start: number, end: number) => string;
  /**
   * The files of a joined part, by the shard and the row of its first key. `end − start` is the
   * number of its rows. They come where their keys come among the other parts.
   */
  joinedChunks: (shard: number, start: number, end: number) => string;
  joinedVectors: (shard: number, start: number, end: number) => string;
  /**
   * The folder of float32 vectors that wait for the ranges of the whole version. These are working
   * files, removed once the version is readable.
   */
  float32Prefix: string;
  float32Part: (shard: number, start: number, end: number) => string;
  /**
   * The create-once list of a shard's float32 parts and their ranges. Where it exists, they are
   * complete.
   */
  float32Parts: (shard: number) => string;
  /** The create-once record of the ranges of a group of shards, a working file as well. */
  foldedRanges: (group: ShardGroup) => string;
  /** The create-once record of the ranges of the whole version. */
  ranges: string;
  rejects: (shard: number) => string;
  /** The facts about a shard's documents, until the manifest lists those of all shards. */
  documents: (shard: number) => string;
  /** Sorted documents of several shards, where there are too many to be sorted in memory. */
  documentRun: (piece: RunPiece) => string;
  /** The texts of a shard's chunks, until the manifest lists those of all shards. */
  texts: (shard: number) => string;
  /** Sorted texts of several shards, where there are too many to be sorted in memory. */
  textRun: (piece: RunPiece) => string;
  /** A piece of one of the lists of the manifest, by its number from 0. */
  list: (name: ListName, piece: number) => string;
  commits: string;
  commit: (shard: number) => string;
  /** The create-once record that holds the commits of a group of shards. */
  foldedCommits: (group: ShardGroup) => string;
}

/**
 * Returns the keys of a version. `forgottenPlans` is the number of its plans that were forgotten:
 * what is known by scanning lies in a place of its own for each plan.
 */
export function versionLayout(dataset: string, version: string, forgottenPlans = 0): VersionLayout {
  const prefix = `${versionsPrefix(dataset)}${version}`;
  const scanned = forgottenPlans === 0 ? prefix : `${prefix}/again-${forgottenPlans}`;
  const chunkFolder = (shard: number) => `${prefix}/chunks/${shardName(shard)}`;
  const float32Folder = (shard: number) => `${prefix}/float32/${shardName(shard)}`;
  const vectorFolder = (shard: number) => `${prefix}/vectors/${shardName(shard)}`;
  return {
    prefix,
    job: `${prefix}/job.json`,
    plan: `${prefix}/plan.parquet`,
    planAgain: `${scanned}/carry/plan-again.parquet`,
    scannedDocuments: (shard) => `${scanned}/scan/${shardName(shard)}.documents`,
    scannedRun: (shards, piece) => `${scanned}/carry/scanned-${shards}-${runName(piece)}.documents`,
    resolved: `${scanned}/carry/resolved.json`,
    verdicts: (shard) => `${scanned}/carry/${shardName(shard)}.verdicts`,
    carriedDocuments: (piece) => `${scanned}/carry/${String(piece).padStart(5, '0')}.documents`,
    deadRows: `${scanned}/carry/dead.rows`,
    carriedRejects: `${scanned}/rejects/carried.parquet`,
    manifest: `${prefix}/manifest.json`,
    lineage: `${prefix}/lineage.json`,
    success: `${prefix}/_SUCCESS`,
    probe: `${prefix}/probe.json`,
    scan: (shard) => `${scanned}/scan/${shardName(shard)}.ids`,
    scanRejects: (shard) => `${scanned}/scan/${shardName(shard)}.rejects.parquet`,
    foldedIds: (group, file) => `${scanned}/scan/${groupName(group)}.${file}.ids`,
    mergedIds: (shards, file) => `${scanned}/scan/${groupName(shards)}.merged-${file}.ids`,
    duplicates: (from, to) => `${scanned}/scan/duplicates-${pad3(from)}-${pad3(to)}.json`,
    duplicatesPrefix: `${scanned}/scan/duplicates-`,
    cutPrefixes: [`${prefix}/chunks/`, `${prefix}/documents/`, `${prefix}/texts/`],
    chunkFolder,
    chunkPart: (shard, start, end) => `${chunkFolder(shard)}/${partName(start, end)}.parquet`,
    chunkParts: (shard) => `${chunkFolder(shard)}/_parts.json`,
    vectorFolder,
    vectorPart: (shard, start, end) => `${vectorFolder(shard)}/${partName(start, end)}.parquet`,
    joinedChunks: (shard, start, end) => `${chunkFolder(shard)}/${partName(start, end)}.joined.parquet`,
    joinedVectors: (shard, start, end) => `${vectorFolder(shard)}/${partName(start, end)}.joined.parquet`,
    float32Prefix: `${prefix}/float32/`,
    float32Part: (shard, start, end) => `${float32Folder(shard)}/${partName(start, end)}.parquet`,
    float32Parts: (shard) => `${float32Folder(shard)}/_parts.json`,
    foldedRanges: (group) => `${prefix}/float32/${groupName(group)}.json`,
    ranges: `${prefix}/ranges.json`,
    rejects: (shard) => `${prefix}/rejects/${shardName(shard)}.parquet`,
    documents: (shard) => `${prefix}/documents/${shardName(shard)}.documents`,
    documentRun: (run) => `${prefix}/documents/${runName(run)}.documents`,
    texts: (shard) => `${prefix}/texts/${shardName(shard)}.texts`,
    textRun: (run) => `${prefix}/texts/${runName(run)}.texts`,
    list: (name, piece) => `${prefix}/lists/${name}-${pad5(piece)}.parquet`,
    commits: `${prefix}/commits/`,
    commit: (shard) => `${prefix}/commits/${shardName(shard)}.json`,
    foldedCommits: (group) => `${prefix}/commits/${groupName(group)}.json`,
  };
}

/** Returns the key of a ref, relative to the output root. */
export function refKey(dataset: string, ref: string): string {
  return `${refsPrefix(dataset)}${ref}.json`;
}

/** Returns the beginning of the keys of all refs of a dataset. */
export function refsPrefix(dataset: string): string {
  return `${dataset}/refs/`;
}

/**
 * Returns the beginning of the keys that name the versions that were begun from a parent, or
 * without one.
 */
export function begunPrefix(dataset: string, parent: string | null): string {
  // No version has this name.
  return `${dataset}/begun/${parent ?? '_none'}/`;
}

/** Returns the key of the empty object that says from which parent a version was begun. */
export function begunKey(dataset: string, parent: string | null, version: string): string {
  return `${begunPrefix(dataset, parent)}${version}`;
}

/** Returns the beginning of the keys of all versions of a dataset. */
export function versionsPrefix(dataset: string): string {
  return `${dataset}/versions/`;
}

/** Returns the key of the record that says what is to become of a version. */
export function tombstoneKey(dataset: string, version: string): string {
  return `${tombstonesPrefix(dataset)}${version}.json`;
}

/** Returns the beginning of the keys of all tombstones of a dataset. */
export function tombstonesPrefix(dataset: string): string {
  return `${dataset}/tombstones/`;
}

/** Returns the beginning of the keys of all pins of a dataset. */
export function pinsPrefix(dataset: string): string {
  return `${dataset}/pins/`;
}

/** Returns the key of the pin of a job. */
export function pinKey(dataset: string, job: string): string {
  return `${pinsPrefix(dataset)}${job}.json`;
}

/** The keys of one collection of deleted versions, relative to the output root. */
export interface CollectionLayout {
  /** The create-once record of what is retired. */
  plan: string;
  /** A create-once list of keys that are deleted, one on a line, by its number from 0. */
  keys: (piece: number) => string;
  /** The create-once record of what was done. It is written last. */
  report: string;
}

/** Returns the keys of a collection by its number, from 1. */
export function collectionLayout(dataset: string, collection: number): CollectionLayout {
  const prefix = `${collectionsPrefix(dataset)}${String(collection).padStart(8, '0')}`;
  return {
    plan: `${prefix}/plan.json`,
    keys: (piece) => `${prefix}/keys-${pad5(piece)}.txt`,
    report: `${prefix}/report.json`,
  };
}

/** Returns the beginning of the keys of all collections of a dataset. */
export function collectionsPrefix(dataset: string): string {
  return `${dataset}/gc/`;
}

/** Returns the key of the empty object whose time is the present time of the store. */
export function gcClockKey(dataset: string): string {
  return `${collectionsPrefix(dataset)}clock`;
}

/** Returns the number in the key of a collection's record. Returns undefined for any other key. */
export function parseCollectionKey(
  key: string,
): { collection: number; record: 'plan' | 'report' } | undefined {
  const match = /\/gc\/(\d{8,})\/(plan|report)\.json$/.exec(key);
  return match ? { collection: Number(match[1]), record: match[2] as 'plan' | 'report' } : undefined;
}

/** Returns the shard in a `commit` key. Returns undefined for any other key. */
export function parseCommitKey(key: string): number | undefined {
  const match = /\/commits\/(\d{8,})\.json$/.exec(key);
  return match ? Number(match[1]) : undefined;
}

/** Returns the shard in a `float32Parts` key. Returns undefined for any other key. */
export function parseFloat32PartsKey(key: string): number | undefined {
  const match = /\/float32\/(\d{8,})\/_parts\.json$/.exec(key);
  return match ? Number(match[1]) : undefined;
}

/** Returns the bucket range in a `duplicates` key. Returns undefined for any other key. */
export function parseDuplicatesKey(key: string): { from: number; to: number } | undefined {
  const match = /\/duplicates-(\d{3})-(\d{3})\.json$/.exec(key);
  return match ? { from: Number(match[1]), to: Number(match[2]) } : undefined;
}

/** Earlier releases wrote runs that were not sorted, as `run-00000`. */
function runName({ level, run, piece }: RunPiece): string {
  return `run-${level}-${pad5(run)}-${pad5(piece)}`;
}

function groupName({ from, to }: ShardGroup): string {
  return `${shardName(from)}-${shardName(to)}`;
}

function pad3(value: number): string {
  return String(value).padStart(3, '0');
}

function pad5(value: number): string {
  return String(value).padStart(5, '0');
}
