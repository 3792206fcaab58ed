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

describe('a versitygw that may let several racing writers win', () => {
  const path = () => join(folder, 'bin', 'versitygw');
  const findVersitygw = () =>
    findBinary(VERSITYGW, {
      log: (line) => lines.push(line),
      install: false,
      environment: { PATH: join(folder, 'bin'), VECTORMILL_CACHE: join(folder, 'cache') },
    });

  test.each([
    ['prints its release', 'echo "Version  : v1.7.2"'],
    [
      'was made by go install',
      'echo "Version  : git"\nexit 0\npath\tgithub.com/versity/versitygw/cmd/versitygw\nmod\tgithub.com/versity/versitygw\tv1.7.2\th1:x',
    ],
  ])('is refused by its version where it %s', async (_, body) => {
    makeBinary(path(), body);
    await expect(findVersitygw()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('versitygw 1.7.2, which is older than 1.8.0'),
    });
  });

  test.each([
    ['1.8.0', 'echo "Version  : v1.8.0"'],
    [
      '1.10.0, of go install',
      'echo "Version  : git"\nexit 0\nmod\tgithub.com/versity/versitygw\tv1.10.0\th1:x',
    ],
    ['of a developer, which does not say', 'echo "Version  : git"'],
  ])('is not one of version %s', async (_, body) => {
    makeBinary(path(), body);
    expect(await findVersitygw()).toEqual({ kind: 'binary', path: path(), from: 'PATH' });
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
