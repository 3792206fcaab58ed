import { versionLayout } from '../../core/layout.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import type { OpenVersion } from '../../engine/version/open-version.js';
import { MemoryStore } from './memory-store.js';

/** Returns the place of a version in memory. It has neither a job nor a plan. */
export function memoryVersion(): OpenVersion {
  const store: ObjectStore = new MemoryStore('file:///memory');
  return { store, layout: versionLayout('test', 'v1') } as OpenVersion;
}

/** Returns all that a series yields. */
export async function collected<Entry>(series: AsyncIterable<Entry>): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of series) entries.push(entry);
  return entries;
}
