import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, type TestContext, test, vi } from 'vitest';
import { PROJECT } from '../../../infra/project.js';
import { pageOf } from '../../docs/page.js';
import { type InstalledPackage, installPackage } from './installed-package.js';

const NOTES = {
  'leave.md': '# Leave\n\nYour team lead approves leave of more than three days.\n',
  'coffee.md': '# Coffee\n\nThe machine on the second floor makes the better coffee.\n',
};

/** Types of other packages are not checked: that would take most of the time of this file. */
const STRICT = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true };

// Each test starts programs that load as much as a user's does.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let installed: InstalledPackage | 'unreachable';

beforeAll(async () => {
  installed = await installPackage();
  if (installed === 'unreachable') return;
  mkdirSync(join(installed.folder, 'notes'));
  for (const [name, text] of Object.entries(NOTES))
    writeFileSync(join(installed.folder, 'notes', name), text);
});

afterAll(async () => {
  if (installed !== 'unreachable') await installed?.close();
});

/** Skips a test by name where there is nothing installed. */
function packageOf(context: TestContext): InstalledPackage {
  if (installed === 'unreachable') return context.skip('npm does not reach its registry');
  return installed;
}

const textOf = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
const filesIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });

test('installs without a compiler and without downloads from elsewhere', (context) => {
  const modules = join(packageOf(context).folder, 'node_modules');
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(scripted.map(([path]) => path.replace(/^.*node_modules\//, '')).sort()).toEqual([
    '@swc/core',
    'onnxruntime-node',
    'protobufjs',
    'usearch',
    'vectormill',
  ]);
  expect(readdirSync(join(modules, 'usearch'))).not.toContain('build');
  const libraries = filesIn(join(modules, 'onnxruntime-node', 'bin')).filter((name) =>
    /_providers_\w+\.so$/.test(name),
  );
  for (const library of libraries)
    expect(statSync(join(modules, 'onnxruntime-node', 'bin', library)).size, library).toBeLessThan(1024);
});

test('the command says its version, embeds a folder and searches it', async (context) => {
  const { enter } = packageOf(context);
  const { version } = JSON.parse(textOf('package.json')) as { version: string };
  expect((await enter('npx', 'vectormill', '--version')).stdout.trim()).toBe(version);
  const embedded = await enter('npx', 'vectormill', 'embed', './notes', '--output', './embedded');
  expect(embedded.stdout).toMatch(/^notes@v1 is complete/m);
  const found = await enter('npx', 'vectormill', 'search', './embedded/notes', 'Who approves leave?');
  expect(found.stdout).toMatch(/^1\. [\d.]+ {2}leave\.md · Leave$/m);
});

test('the example of the API runs as it stands, and compiles with the types of the package', async (context) => {
  const { folder, enter } = packageOf(context);
  const page = pageOf('docs/api.md', textOf('docs/api.md'));
  const [example] = page.blocks.filter(({ language }) => language === 'ts');
  writeFileSync(join(folder, 'example.ts'), example!.text);
  const compilerOptions = { ...STRICT, target: 'es2022', module: 'nodenext', types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['example.ts'] }));
  await enter(join(PROJECT, 'node_modules', '.bin', 'tsc'), '-p', '.');
  writeFileSync(join(folder, 'example.mjs'), example!.text);
  const { stdout } = await enter(process.execPath, 'example.mjs');
  expect(stdout.trim().split('\n')).toEqual([
    '2 documents, 2 chunks',
    '1. leave.md: Leave',
    '2 rows of row_key, chunk_id, doc_id, text_sha256, vector',
    '1 vector, space true',
    'DATASET_NOT_FOUND',
  ]);
});

test('a program in CommonJS loads it', async (context) => {
  const { folder, enter } = packageOf(context);
  writeFileSync(
    join(folder, 'program.cjs'),
    "console.log(Object.keys(require('vectormill')).sort().join(' '));",
  );
  const { stdout } = await enter(process.execPath, 'program.cjs');
  expect(stdout.trim()).toBe('VectormillError openDataset openModel runLocalJob');
});

test('what the API does not offer cannot be imported', async (context) => {
  const { enter } = packageOf(context);
  const program = "await import('vectormill/dist/core/errors.js')";
  await expect(enter(process.execPath, '--input-type=module', '--eval', program)).rejects.toThrow(
    'ERR_PACKAGE_PATH_NOT_EXPORTED',
  );
});

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'the CUDA libraries that were left out are fetched where the setting of the page asks for them',
  async (context) => {
    const { enter } = packageOf(context);
    const [command] = /^ONNXRUNTIME_NODE_INSTALL=true .*$/m.exec(textOf('docs/installing.md'))!;
    // Here nothing outside can be reached, so that the attempt fails.
    await expect(enter('env', ...command.split(' '))).rejects.toThrow(/ECONNREFUSED/);
  },
);
