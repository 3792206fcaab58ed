import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FOLDER } from '../../infra/project.js';

/**
 * Returns a folder for what the files of a run compile and share; the global setup makes it and
 * removes it. It lies in the project, so that what is compiled into it finds the packages.
 */
export function runFolder(): string {
  process.env.VECTORMILL_TEST_RUN ??= newRunFolder();
  return process.env.VECTORMILL_TEST_RUN;
}

function newRunFolder(): string {
  mkdirSync(STATE_FOLDER, { recursive: true });
  return mkdtempSync(join(STATE_FOLDER, 'test-run-'));
}
