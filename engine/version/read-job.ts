import type { JobRecord } from '../../core/job-spec.js';
import type { ObjectStore } from '../store/object-store.js';
import { parseRecordOf, recordDamaged } from './read-json-record.js';

/** Reads the job of a version, of either format. Errors: OBJECT_NOT_FOUND, FILE_DAMAGED. */
export async function readJobRecord(store: ObjectStore, key: string): Promise<JobRecord> {
  return parseJobRecord(await store.get(key), `${store.root}/${key}`);
}

/** Parses the bytes of a job of either format. Errors: FILE_DAMAGED. */
export function parseJobRecord(bytes: Uint8Array, file: string): JobRecord {
  const job = parseRecordOf<JobRecord>(bytes, [1, 2], file);
  if (job.formatVersion === 1 || job.carry !== undefined) return job;
  throw recordDamaged(file, 'has format version 2 and carries nothing over');
}
