import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mapConcurrently } from '../../../../engine/concurrency/map-concurrently.js';
import { openStore } from '../../../../engine/store/open-store.js';
import { resolveVersion } from '../../../../engine/version/resolve-version.js';
import { contentDifferences, contentFaults } from '../../../carry/compare-contents.js';
import { contentOf, type VersionContent } from '../../../carry/version-content.js';
import { compiledScript } from '../../../support/compiled-script.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { runJob, testProcess } from '../../../support/test-tools.js';
import { foldedJob, makeFoldedVersion, writeFoldedCorpus } from './folded-version.js';
import type { KilledWrite } from './killing-store.js';

const FOLDED_IDS = /\/scan\/\d+-\d+\.\d+\.ids$/.source;
const FOLDED_COMMITS = /\/commits\/\d+-\d+\.json$/.source;

/** The writes of a fold, and the first one that follows. */
const KILLS: readonly KilledWrite[] = [
  { key: FOLDED_IDS, nth: 1, moment: 'after' },
  { key: FOLDED_IDS, nth: 3, moment: 'before' },
  { key: FOLDED_COMMITS, nth: 1, moment: 'before' },
  { key: FOLDED_COMMITS, nth: 1, moment: 'after' },
  { key: FOLDED_COMMITS, nth: 3, moment: 'after' },
  { key: /\/lists\/[^/]+$/.source, nth: 1, moment: 'after' },
];

it('a version whose process is killed while it folds goes on, and holds what it would hold unfolded', {
  timeout: 600_000,
}, async () => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
  const folder = temporaryFolder();
  writeFoldedCorpus(folder);
  const script = compiledScript(join(import.meta.dirname, 'fold-process.ts'));
  await runJob(testProcess(), foldedJob(folder, 'unfolded'));
  const expected = await contentIn(folder, 'unfolded');
  await mapConcurrently([...KILLS.keys()], 2, async (kill) => {
    const output = `killed-${kill}`;
    const argument = JSON.stringify({ folder, output, write: KILLS[kill] });
    const child = spawn(process.execPath, [script, argument], { stdio: 'inherit' });
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
    await makeFoldedVersion(foldedJob(folder, output), openStore);
    const found = await contentIn(folder, output);
    expect([...contentFaults(found), ...contentDifferences(found, expected)]).toEqual([]);
  });
});

async function contentIn(folder: string, output: string): Promise<VersionContent> {
  const store = openStore(join(folder, output));
  return contentOf(await resolveVersion(store, { dataset: 'test', selector: 'v1' }), []);
}
