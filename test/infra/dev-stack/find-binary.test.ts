import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FindOptions, findBinary } from '../../../infra/dev-stack/find-binary.js';
import { TEMPORAL, VERSITYGW } from '../../../infra/dev-stack/pinned-tools.js';

let folder: string;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vectormill-find-'));
  lines = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const onPath = () => join(folder, 'bin', 'temporal');
const inCache = () => join(folder, 'cache', 'bin', 'temporal');

function makeBinary(path: string, body = 'exit 0'): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

const fail = async () => {
  throw new Error('the way is closed');
};
const make = async (_what: unknown, target: string) => makeBinary(target);

function find(options: Partial<FindOptions> = {}, environment: NodeJS.ProcessEnv = {}) {
  return findBinary(TEMPORAL, {
    log: (line) => lines.push(line),
    install: true,
    environment: { PATH: join(folder, 'bin'), VECTORMILL_CACHE: join(folder, 'cache'), ...environment },
    platform: 'linux-x64',
    download: fail,
    compile: fail,
    ...options,
  });
}

describe('a server binary is found', () => {
  test('not at all when an address is configured, even if there are binaries', async () => {
    makeBinary(onPath());
    makeBinary(inCache());
    const found = await find({}, { TEMPORAL_ADDRESS: 'temporal.example:7233' });
    expect(found).toEqual({ kind: 'address', address: 'temporal.example:7233' });
    expect(lines).toEqual(['temporal: using temporal.example:7233, which TEMPORAL_ADDRESS names']);
  });

  test('on PATH before the cache', async () => {
    makeBinary(onPath());
    makeBinary(inCache());
    expect(await find()).toEqual({ kind: 'binary', path: onPath(), from: 'PATH' });
  });

  test('in the cache when the one on PATH does not run', async () => {
    makeBinary(onPath(), 'exit 126');
    makeBinary(inCache());
    expect(await find({ download: make })).toEqual({ kind: 'binary', path: inCache(), from: 'cache' });
    expect(lines.join()).toContain('TEMPORAL_ADDRESS is not set; not on PATH');
  });

  test('by download before compiling', async () => {
    expect(await find({ download: make, compile: make })).toEqual({
      kind: 'binary',
      path: inCache(),
      from: 'download',
    });
  });

  test('by compiling when the download fails, saying why and that it takes minutes', async () => {
    const found = await find({ compile: make });
    expect(found).toEqual({ kind: 'binary', path: inCache(), from: 'go install' });
    expect(lines.join('\n')).toMatch(/the way is closed\. Compiling .*@v1\.5\.1 .*about 8 minutes/);
  });

  test('by compiling on a platform without a release, with no download tried', async () => {
    const found = await find({ platform: 'freebsd-x64', download: make, compile: make });
    expect(found).toMatchObject({ from: 'go install' });
  });

  test('by compiling when what was downloaded does not run', async () => {
    const broken = async (_archive: unknown, target: string) => makeBinary(target, 'exit 1');
    expect(await find({ download: broken, compile: make })).toMatchObject({ from: 'go install' });
  });

  test('nowhere: the error says why each way failed and what to install', async () => {
    const error = await find().catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(
        /not on PATH; not in the cache .*; the way is closed; the way is closed/,
      ),
      remedy: expect.stringMatching(/Install temporal 1\.5\.1 .* or install Go .* or set TEMPORAL_ADDRESS/),
    });
  });

  test('nowhere, with neither download nor compiling tried, when nothing may be installed', async () => {
    await expect(find({ install: false, download: make, compile: make })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});

test.each([TEMPORAL, VERSITYGW])('every release archive of $name has a sha256 of its own', (tool) => {
  const archives = Object.values(tool.archives);
  expect(archives).toHaveLength(4);
  for (const { sha256, url } of archives) {
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(url).toContain(tool.version);
  }
  expect(new Set(archives.map((archive) => archive.sha256)).size).toBe(4);
});
