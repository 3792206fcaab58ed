import { afterAll, beforeAll } from 'vitest';
import { startTestWorker, type TestNamespace, type TestWorker, testNamespace } from './temporal.js';

/**
 * Serves a namespace for a test file with a real worker, from the file's first test to its last.
 */
export function servedNamespace(): { get(): TestNamespace } {
  let namespace: TestNamespace | undefined;
  let worker: TestWorker | undefined;
  beforeAll(async () => {
    namespace = await testNamespace();
    worker = startTestWorker(namespace);
  });
  afterAll(async () => {
    await worker?.stop();
    await namespace?.close();
  });
  return {
    get: () => {
      if (!namespace) throw new Error('there is no namespace before the first test');
      return namespace;
    },
  };
}
