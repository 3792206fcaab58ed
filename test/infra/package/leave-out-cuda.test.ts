import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { PROJECT } from '../../../infra/project.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const SCRIPT = 'infra/package/leave-out-cuda.mjs';
const PLATFORM = `${process.platform}/${process.arch}`;

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  cpSync(join(PROJECT, SCRIPT), join(folder, 'node_modules', 'vectormill', SCRIPT));
});

const runtime = () => join(folder, 'node_modules', 'onnxruntime-node');
const libraries = () => join(runtime(), 'bin', 'napi-v6', PLATFORM);

/** Installs a runtime whose own script would fetch these libraries for this platform. */
function installRuntime(names: readonly string[]): void {
  const metadata = {
    requirements: { [PLATFORM]: names.length > 0 ? ['cuda'] : [] },
    manifests: { [`${PLATFORM}:cuda`]: Object.fromEntries(names.map((name) => [`./${name}`, {}])) },
  };
  mkdirSync(libraries(), { recursive: true });
  mkdirSync(join(runtime(), 'script'));
  writeFileSync(join(runtime(), 'package.json'), '{"name": "onnxruntime-node"}');
  writeFileSync(
    join(runtime(), 'script', 'install-metadata.js'),
    `module.exports = ${JSON.stringify(metadata)}`,
  );
}

function run(environment: Record<string, string> = {}) {
  const script = join(folder, 'node_modules', 'vectormill', SCRIPT);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...environment },
  });
  return { status, stdout, stderr };
}

const SILENT = { status: 0, stdout: '', stderr: '' };

test('puts a placeholder where a library would be fetched to, and leaves what is there', () => {
  installRuntime(['libcuda.so', 'libshared.so']);
  writeFileSync(join(libraries(), 'libshared.so'), 'a library');
  expect(run()).toEqual(SILENT);
  expect(readFileSync(join(libraries(), 'libcuda.so'), 'utf8')).toContain('placeholder');
  expect(readFileSync(join(libraries(), 'libshared.so'), 'utf8')).toBe('a library');
});

test.each(['ONNXRUNTIME_NODE_INSTALL', 'npm_config_onnxruntime_node_install_cuda'])(
  'leaves everything to the script of the runtime where %s is set',
  (name) => {
    installRuntime(['libcuda.so']);
    expect(run({ [name]: 'skip' })).toEqual(SILENT);
    expect(existsSync(join(libraries(), 'libcuda.so'))).toBe(false);
  },
);

test('does nothing where the platform needs nothing, and in a clone without packages', () => {
  expect(run()).toEqual(SILENT);
  installRuntime([]);
  expect(run()).toEqual(SILENT);
  expect(readdirSync(libraries())).toEqual([]);
});

test('names the setting, and fails no installation, where the runtime has another shape', () => {
  installRuntime(['libcuda.so']);
  const metadata = join(runtime(), 'script', 'install-metadata.js');
  writeFileSync(metadata, 'module.exports = {}');
  const changed = run();
  rmSync(metadata);
  for (const { status, stderr } of [changed, run()]) {
    expect(status).toBe(0);
    expect(stderr).toContain('ONNXRUNTIME_NODE_INSTALL=skip');
  }
});
