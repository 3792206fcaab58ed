import { readFileSync, writeFileSync } from 'node:fs';
import { encodeJson } from '../../engine/version/create-once.js';

/** Writes a record of a version again with other content, and the checksum that belongs to it. */
export function editRecord<T extends object>(path: string, edit: (record: T) => object): void {
  const { checksum: _, ...record } = JSON.parse(readFileSync(path, 'utf8')) as T & { checksum?: string };
  writeFileSync(path, encodeJson(edit(record as T)));
}
