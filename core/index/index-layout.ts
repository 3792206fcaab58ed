import { versionLayout } from '../layout.js';

/** The keys of one index, relative to the output root. */
export interface IndexLayout {
  prefix: string;
  /** A create-once record, written last. Where it exists, the index may be searched. */
  manifest: string;
  /** The key of a graph, by the hash of what it is made of. */
  shard: (content: string) => string;
  /** The key of a graph's create-once record. Where it exists, the graph is complete. */
  shardRecord: (content: string) => string;
  /** The key of a list of rows, by the hash of its bytes. */
  rowList: (sha256: string) => string;
  /** The key of the gate's queries, by the hash of their bytes. */
  gateQueries: (sha256: string) => string;
}

export function indexLayout(dataset: string, version: string, name: string): IndexLayout {
  const prefix = `${indexesPrefix(dataset, version)}${name}`;
  return {
    prefix,
    manifest: `${prefix}/manifest.json`,
    shard: (content) => `${prefix}/${content}.usearch`,
    shardRecord: (content) => `${prefix}/${content}.json`,
    rowList: (sha256) => `${prefix}/${sha256}.rows.parquet`,
    gateQueries: (sha256) => `${prefix}/${sha256}.gate.parquet`,
  };
}

/** Returns the prefix of the keys of all indexes of a version. */
export function indexesPrefix(dataset: string, version: string): string {
  return `${versionLayout(dataset, version).prefix}/index/`;
}
