import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { runCli } from '../support/built-cli.js';
import { vectormill, vectormillJson } from './command-line.js';

const folder = useTemporaryFolder();
const model = () => join(folder.path, 'model');

beforeAll(async () => writeTinyModel(model()));

interface Finding {
  name: string;
  status: string;
  found: string;
  remedy?: string;
}

async function doctor(
  ...line: string[]
): Promise<{ code: number; ok: boolean; of: (name: string) => Finding }> {
  const { code, json } = await vectormillJson('doctor', ...line);
  const findings = json.checks as Finding[];
  return { code, ok: json.ok, of: (name) => findings.find((finding) => finding.name === name)! };
}

test('the doctor reports ok for what works, and a remedy and exit code 1 for what is missing', async () => {
  const before = process.env.TEMPORAL_ADDRESS;
  process.env.TEMPORAL_ADDRESS = '127.0.0.1:9';
  try {
    const { code, ok, of } = await doctor('--model', model(), '--output', join(folder.path, 'out'));
    expect([code, ok]).toEqual([1, false]);
    for (const name of ['node', 'cores', 'cache', 'disk', 'onnxruntime', 'providers', 'model', 'store'])
      expect(of(name)).toMatchObject({ status: 'ok' });
    expect(of('temporal')).toMatchObject({ status: 'failed', remedy: expect.stringContaining('make up') });
    expect(of('workers')).toMatchObject({ status: 'note', remedy: expect.stringContaining('temporal') });
  } finally {
    if (before === undefined) delete process.env.TEMPORAL_ADDRESS;
    else process.env.TEMPORAL_ADDRESS = before;
  }
});

test('the doctor names what can compute and what each other provider lacks, and fails for one that was asked for', async () => {
  const { of } = await doctor('--model', model());
  expect(of('providers').found).toMatch(/^cpu\b.*(cuda|coreml): .*(not found|has no)/);
  const foreign = process.platform === 'darwin' ? 'cuda' : 'coreml';
  const asked = await doctor('--model', model(), '--provider', foreign);
  expect(asked.of('model')).toMatchObject({
    status: 'failed',
    found: expect.stringContaining(`${foreign} cannot be used`),
  });
});

// Any library can stand in for the driver's, because the runtime finds no device behind it.
test.runIf(process.platform === 'linux')('a driver without a device does not make a provider', async () => {
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  const binaries = join(dirname(runtime), 'bin', 'napi-v6', 'linux', process.arch);
  const drivers = join(folder.path, 'drivers');
  await mkdir(drivers);
  await symlink(join(binaries, 'libonnxruntime.so.1'), join(drivers, 'libvulkan.so.1'));
  const line = ['doctor', '--model', model(), '--json'];
  const { stdout } = await runCli(line, { LD_LIBRARY_PATH: drivers, TEMPORAL_ADDRESS: '127.0.0.1:9' });
  const { found } = JSON.parse(stdout).checks.find((check: Finding) => check.name === 'providers');
  expect(found).toMatch(/^cpu;.* webgpu: (?!.*libvulkan)/);
});

test('a missing model is reported with how to get it, and hides no other check', async () => {
  const { code, of } = await doctor('--model', 'all-MiniLM-L6-v2');
  expect(code).toBe(1);
  expect(of('model')).toMatchObject({
    status: 'failed',
    remedy: expect.stringContaining('vectormill model pull'),
  });
  expect(of('onnxruntime').status).toBe('ok');
});

test('a cache that is a file is named with the variable to set', async () => {
  const before = process.env.VECTORMILL_CACHE;
  process.env.VECTORMILL_CACHE = join(folder.path, 'a-file');
  await writeFile(process.env.VECTORMILL_CACHE, '');
  try {
    const { of } = await doctor('--model', model());
    expect(of('cache')).toMatchObject({
      status: 'failed',
      remedy: expect.stringContaining('VECTORMILL_CACHE'),
    });
  } finally {
    process.env.VECTORMILL_CACHE = before!;
  }
});

test('each line for a person begins with ok, note or failed', async () => {
  const { stdout } = await vectormill('doctor', '--model', model());
  const lines = stdout.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(9);
  for (const line of lines) expect(line).toMatch(/^(ok|note|failed) {2,}\w|^ +→ /);
});
