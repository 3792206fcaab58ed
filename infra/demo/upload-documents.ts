import { mapConcurrently } from '../../engine/concurrency/map-concurrently.js';
import { openStore } from '../../engine/store/open-store.js';
import type { SelectedDocument } from './select-documents.js';

const CONCURRENT_UPLOADS = 16;

/**
 * Stores every document below `uri` under its own path. The variables say how to reach the store.
 */
export async function uploadDocuments(
  documents: readonly SelectedDocument[],
  uri: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const store = openStore(uri, environment);
  try {
    await mapConcurrently(documents, CONCURRENT_UPLOADS, ({ path, text }) => store.put(path, text));
  } finally {
    await store.close();
  }
}
