import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SUPPORTED_NODES, supportsNode } from '../../core/supported-node.js';
import { fetchNode } from '../../infra/fetch-node.js';
import { TESTS_ON_OTHER_NODES } from '../../infra/other-nodes.js';
import { PROJECT } from '../../infra/project.js';
import { temporaryFolder } from '../support/temporary-folder.js';

afterEach(() => void vi.unstubAllEnvs());

const textOf = (file: string) => readFileSync(join(PROJECT, file), 'utf8');

describe('a Node is supported', () => {
  it.each([
    ['18.20.0', false],
    ['20.18.9', false],
    ['20.19.0', true],
    ['20.99.0', true],
    ['21.9.0', false],
    ['22.12.9', false],
    ['22.13.0', true],
    ['23.11.0', false],
    ['24.0.0', true],
    ['25.1.0', true],
    ['26.0.0', true],
  ])('%s: %s, by the command and by make', (version, isSupported) => {
    expect(supportsNode(version)).toBe(isSupported);
    const { status, stderr } = spawnSync(process.execPath, [join(PROJECT, 'infra/check-node.mjs'), version]);
    expect(status).toBe(isSupported ? 0 : 1);
    if (!isSupported) expect(String(stderr)).toContain(`This is Node ${version}, and vectormill needs`);
  });

  it('as package.json and the README say, and as the runs of all tests and of some tests use it', () => {
    expect(supportsNode(process.versions.node)).toBe(true);
    const { engines } = JSON.parse(textOf('package.json')) as { engines: { node: string } };
    expect(engines.node).toBe('^20.19.0 || ^22.13.0 || >=24.0.0');
    expect(textOf('README.md').replaceAll('\n', ' ')).toContain(`Node ${SUPPORTED_NODES}`);
    expect(textOf('.ci/run')).toContain('other_nodes="22 24"');
  });
});

describe('another Node', () => {
  it('is this one where it is asked for', async () => {
    const [line] = process.versions.node.split('.');
    expect(await fetchNode(line!)).toEqual({ path: process.execPath, version: process.version });
  });

  it('that cannot be fetched is an error with its name', async () => {
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9');
    vi.stubEnv('npm_config_fetch_retries', '0');
    vi.stubEnv('npm_config_cache', temporaryFolder());
    await expect(fetchNode('1000')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/^Node 1000 cannot be fetched, so no test ran on it: .*127\.0\.0\.1:9/),
    });
  });

  it('runs tests that exist, each for a stated reason', () => {
    for (const [path, reason] of Object.entries(TESTS_ON_OTHER_NODES)) {
      expect(existsSync(join(PROJECT, path)), path).toBe(true);
      expect(reason, path).not.toBe('');
    }
  });
});
