import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findServers } from '../../../infra/dev-stack/find-servers.js';
import type { PinnedTool } from '../../../infra/dev-stack/pinned-tools.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

function options(compile: (tool: PinnedTool, target: string) => Promise<void>) {
  const lines: string[] = [];
  const environment = { PATH: '', VECTORMILL_CACHE: temporaryFolder() };
  const log = (line: string) => void lines.push(line);
  return { lines, find: { environment, log, compile, install: true, platform: 'none' } };
}

function makeBinary(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '#!/bin/sh\nexit 0\n');
  chmodSync(path, 0o755);
}

describe('the servers', () => {
  it('are compiled side by side', async () => {
    let underWay = 0;
    let release = () => {};
    const met = new Promise<void>((resolve) => (release = resolve));
    const { find } = options(async (_tool, target) => {
      underWay += 1;
      if (underWay === 2) release();
      await met;
      makeBinary(target);
    });
    const { temporal, s3 } = await findServers(find);
    expect([temporal, s3]).toMatchObject([{ from: 'go install' }, { from: 'go install' }]);
  });

  it('are both tried where one cannot be installed, so that only that one is missing afterwards', async () => {
    const { find } = options(async ({ name }, target) => {
      if (name === 'temporal') throw new Error('no such module');
      makeBinary(target);
    });
    await expect(findServers(find)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/Temporal.*no such module/),
    });
    const again = { ...find, install: false };
    await expect(findServers(again)).rejects.toMatchObject({ message: expect.stringContaining('Temporal') });
    makeBinary(join(find.environment.VECTORMILL_CACHE, 'bin', 'temporal'));
    expect((await findServers(again)).s3).toMatchObject({ from: 'cache' });
  });

  it('are both named where neither can be installed', async () => {
    const { find, lines } = options(async () => {
      throw new Error('no network');
    });
    await expect(findServers(find)).rejects.toThrow('the Temporal dev server is needed');
    expect(lines.at(-1)).toContain('the S3 server is needed');
  });
});
