import { partName, shardName, splitRowKey } from '../../core/ids.js';
import type { PartFile } from '../../core/part.js';

type NamedRows = Pick<PartFile, 'firstKey' | 'start' | 'end'>;

/** The keys of an export, relative to the place that it is written to. */
export const EXPORT_LAYOUT = {
  /** The create-once record of what is exported. It is written first. */
  record: 'export.json',
  /** An empty file that is written last. */
  success: '_SUCCESS',
  chunks: (part: NamedRows) => `chunks/${fileName(part)}`,
  vectors: (part: NamedRows) => `vectors/${fileName(part)}`,
} as const;

/** The content of `export.json`. */
export interface ExportRecord {
  formatVersion: 1;
  dataset: string;
  version: string;
  manifestSha256: string;
}

/** Returns a name that no other part of the version has, because no row key is used twice. */
function fileName({ firstKey, start, end }: NamedRows): string {
  return `${shardName(splitRowKey(BigInt(firstKey)).shard)}-${partName(start, end)}.parquet`;
}
