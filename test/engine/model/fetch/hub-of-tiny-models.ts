import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { parseHubName } from '../../../../core/model-lock.js';
import { pullFromHub } from '../../../../engine/model/fetch/pull-from-hub.js';
import { checkModelSettings } from '../../../../engine/model/find/check-settings.js';
import type { HubPatience } from '../../../../engine/model/hub/hub-client.js';
import { useHubEnvironment } from '../../../support/hub-environment.js';
import { filesOfFolder, type HubServer, startHubServer } from '../../../support/hub-server.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { writeTinyModel } from '../tiny-model.js';

export const testFolder = useTemporaryFolder();
export let hub: HubServer;
/** The files of a model that the engine opens, by their paths. */
export let tiny: Map<string, Buffer>;
/** The name of a repository that is new in each test. */
export let name = '';
/** The lines that were logged in this test. */
export const lines: string[] = [];

/** Waits of a few milliseconds, so that no test waits for one. */
const PATIENCE: HubPatience = {
  answerMs: 2000,
  silenceMs: 50,
  retry: { attempts: 8, baseMs: 1, capMs: 2 },
};

beforeAll(async () => {
  hub = await startHubServer();
  const source = join(testFolder.path, 'source');
  await writeTinyModel(source);
  tiny = filesOfFolder(source);
});
afterAll(() => hub.close());
useHubEnvironment(() => ({ HF_ENDPOINT: hub.url, HF_HOME: join(testFolder.path, 'hf') }));

let counter = 0;
beforeEach(() => {
  counter += 1;
  name = `org/model-${counter}`;
  hub.seen.length = 0;
  hub.faults.length = 0;
  lines.length = 0;
});

export const pull = (text = name, options: Parameters<typeof pullFromHub>[1] = {}) =>
  pullFromHub(parseHubName(text)!, {
    check: checkModelSettings,
    log: (line) => lines.push(line),
    patience: PATIENCE,
    ...options,
  });
export const cacheOf = (repository: string) =>
  join(testFolder.path, 'cache', 'hub', ...repository.split('/'));
export const withFiles = (...more: [string, Buffer][]) => new Map([...tiny, ...more]);
