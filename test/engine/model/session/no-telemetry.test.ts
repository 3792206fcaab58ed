import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const project = fileURLToPath(new URL('../../../..', import.meta.url));
const GRAPH = JSON.stringify('test/fixtures/exports/model.onnx');
const run = promisify(execFile);

/**
 * Returns the files in a process's home and temporary folder that show that its ONNX Runtime
 * reports.
 */
async function tracesOf(script: string): Promise<string[]> {
  const folder = temporaryFolder();
  // CI is removed, because ONNX Runtime never reports from machines that run tests unattended.
  const { CI: _ci, ORT_DISABLE_TELEMETRY: _set, XDG_CACHE_HOME: _cache, ...environment } = process.env;
  await run(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: project,
    env: { ...environment, HOME: folder, TMPDIR: folder },
  });
  const files = await readdir(folder, { recursive: true });
  return files.filter((file) => /mat-debug|\.onnxruntime/.test(file));
}

describe('ONNX Runtime reports nothing and keeps no identifier of the machine', () => {
  it('if it runs in the calling thread', async () => {
    const script = `
      import { InferenceSession } from './engine/model/session/onnx-runtime.ts';
      await InferenceSession.create(${GRAPH});
    `;
    expect(await tracesOf(script)).toEqual([]);
  });

  it('if it runs in session threads', async () => {
    const script = `
      import { SessionPool } from './engine/model/session/session-pool.ts';
      const pool = await SessionPool.open(${GRAPH}, 1);
      await pool.close();
    `;
    expect(await tracesOf(script)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('which it would do otherwise', async () => {
    const script = `
      import { InferenceSession } from 'onnxruntime-node';
      await InferenceSession.create(${GRAPH});
    `;
    expect(await tracesOf(script)).not.toEqual([]);
  });
});
