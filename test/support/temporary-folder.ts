import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes a new folder that is removed after the test in which, or before which, this is called. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'vectormill-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
