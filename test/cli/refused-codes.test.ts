import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ERROR_KINDS, type ErrorCode } from '../../core/errors.js';
import { decideMove } from '../../core/ref.js';
import { LOCKED_MODELS } from '../../engine/model/fetch/locked-models.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { editRecord } from '../support/edit-record.js';
import { type EmbeddingServer, startEmbeddingServer, status } from '../support/embedding-server.js';
import { refMove } from '../support/ref-move.js';
import { requireStack } from '../support/stack.js';
import { testNamespace } from '../support/temporal.js';
import { writeCorpus } from '../support/test-job.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

type RefusedCode = {
  [Code in ErrorCode]: (typeof ERROR_KINDS)[Code] extends 'refused' ? Code : never;
}[ErrorCode];
type CommandLine = readonly string[];

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const before = { ...process.env };
let provider: EmbeddingServer;
let hub: Server;
let gatedHub: Server;
/** Speaks gRPC, and lets nobody in. */
let closedTemporal: Http2Server;

beforeAll(async () => {
  requireStack();
  const { namespace, close } = await testNamespace();
  await close();
  process.env.TEMPORAL_NAMESPACE = namespace;
  process.env.VECTORMILL_OUTPUT = at('out');
  await tinyDataset(folder.path);
  await vectormill('index', 'build', 'letters', '--exact-below', '0');
  provider = await startEmbeddingServer();
  hub = createServer((_, response) => response.end('not what is locked')).listen(0);
  gatedHub = createServer((_, response) =>
    response.writeHead(403, { 'x-error-code': 'GatedRepo' }).end(),
  ).listen(0);
  const unauthenticated = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' };
  closedTemporal = createHttp2Server().on('stream', (stream) =>
    stream.respond(unauthenticated, { endStream: true }),
  );
  closedTemporal.listen(0);
});
afterEach(() => {
  process.env.TEMPORAL_ADDRESS = before.TEMPORAL_ADDRESS;
  delete process.env.TEMPORAL_PROFILE;
});
afterAll(async () => {
  process.env = before;
  closedTemporal?.close();
  hub?.close();
  gatedHub?.close();
  await provider?.close();
});

/** Writes a job over the tiny corpus and returns the command line that runs it. */
async function run(more: Record<string, unknown>): Promise<CommandLine> {
  const job = { dataset: 'other', input: './corpus', output: './out', model: './model', ...more };
  const file = at('job.json');
  await writeFile(file, JSON.stringify(job));
  return ['run', file, '--detach'];
}

/** Writes a job over a corpus of these files and returns the command line that runs it. */
async function runOver(files: Record<string, string>): Promise<CommandLine> {
  writeCorpus(at('inputs'), {});
  for (const [name, content] of Object.entries(files)) {
    writeCorpus(at('inputs'), { [name]: [content] });
    await writeFile(at('inputs', 'corpus', name), content);
  }
  return run({ input: { uri: './inputs/corpus', include: Object.keys(files) } });
}

/** Makes a ref that names a version which is gone. */
async function writeRef(name: string, more: object): Promise<void> {
  const { record } = decideMove(undefined, refMove('gone'));
  await writeFile(at('out/letters/refs', `${name}.json`), JSON.stringify({ ...record, ...more }));
}

/** Changes a JSON file. */
async function change(file: string, edit: (value: Record<string, unknown>) => object): Promise<void> {
  editRecord(file, edit);
}

async function encodeTo(output: string, ...more: string[]): Promise<CommandLine> {
  await writeFile(at('texts.jsonl'), '{"id": "1", "text": "a"}\n');
  return ['encode', '--model', at('model'), '--input', at('texts.jsonl'), '--output', output, ...more];
}

async function nightly(cron: string): Promise<string> {
  const job = { dataset: 'other', input: './corpus', output: './out', model: './model' };
  await writeFile(at('nightly.json'), JSON.stringify({ name: 'refused-codes', cron, job }));
  return at('nightly.json');
}

function askedOf(misbehaviour: EmbeddingServer['always']): Promise<CommandLine> {
  provider.always = misbehaviour;
  const api = { url: provider.url, tokenizer: 'cl100k_base' };
  return run({ model: { source: 'a-model', max_tokens: 32, provider: api } });
}

/** The command line that meets each code, after the preparation that it needs. */
const MEETING = {
  USAGE: async () => ['search'],
  SETTING_INVALID: async () => {
    process.env.TEMPORAL_PROFILE = 'nobody';
    return ['list'];
  },
  TEMPORAL_DENIED: async () => {
    process.env.TEMPORAL_ADDRESS = `127.0.0.1:${(closedTemporal.address() as AddressInfo).port}`;
    return ['list'];
  },
  JOB_UNREADABLE: async () => ['run', at('nowhere.yaml')],
  JOB_INVALID: async () => {
    const include = Array.from(
      { length: 60_000 },
      (_, n) => `some/long/prefix/of/a/data/set/part-${n}.jsonl`,
    );
    return run({ input: { uri: './corpus', include } });
  },
  MODEL_NOT_FOUND: () => run({ model: './no-model' }),
  MODEL_INVALID: async () => {
    await writeTinyModel(at('broken'));
    await writeFile(at('broken', 'tokenizer.json'), '{');
    return run({ model: './broken' });
  },
  MODEL_UNSUPPORTED: async () => {
    await writeTinyModel(at('unknown'));
    await change(at('unknown', 'config.json'), (config) => ({ ...config, model_type: 'mamba' }));
    return run({ model: './unknown' });
  },
  MODEL_CHECKSUM_MISMATCH: async () => {
    process.env.VECTORMILL_CACHE = at('cache');
    process.env.HF_ENDPOINT = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
    return ['model', 'pull', LOCKED_MODELS[0]!.name];
  },
  HUB_DENIED: async () => {
    process.env.HF_ENDPOINT = `http://127.0.0.1:${(gatedHub.address() as AddressInfo).port}`;
    return ['model', 'pull', 'an-organisation/gated'];
  },
  EXECUTION_PROVIDER_UNAVAILABLE: () => encodeTo(at('vectors.parquet'), '--provider', 'tensorrt'),
  FINGERPRINT_MISMATCH: () => run({ dataset: 'letters', model: { source: './model', max_tokens: 8 } }),
  VERSION_CONFLICT: async () => {
    const { spec } = JSON.parse(await readFile(at('out/letters/versions/v1/job.json'), 'utf8'));
    const model = { source: './model', max_tokens: spec.model.maxTokens };
    return run({ dataset: 'letters', model, shard_bytes: 77 });
  },
  EDITION_MISMATCH: async () => {
    await change(at('out/letters/versions/v1/job.json'), ({ editions: _, ...others }) => others);
    const { spec } = JSON.parse(await readFile(at('out/letters/versions/v1/job.json'), 'utf8'));
    const { model, parts, shardBytes } = spec;
    return run({
      dataset: 'letters',
      model: { source: './model', max_tokens: model.maxTokens },
      parts,
      shard_bytes: shardBytes,
    });
  },
  REF_MOVED: async () => {
    await writeRef('moved', { generation: 3 });
    return ['promote', 'letters@v1', '--ref', 'moved', '--expect', '2'];
  },
  REF_HELD: async () => {
    await writeRef('held', { isHeld: true });
    return ['promote', 'letters@v1', '--ref', 'held'];
  },
  OUTPUT_EXISTS: async () => {
    await writeFile(at('standing.parquet'), 'stands');
    return encodeTo(at('standing.parquet'));
  },
  STORE_UNSUPPORTED: () => run({ output: `./${'long'.repeat(100)}` }),
  STORE_DENIED: () => run({ output: 's3://no-such-bucket-vectormill' }),
  INPUT_NOT_FOUND: () => run({ input: './nothing-here' }),
  INPUT_EMPTY: () => runOver({ 'a.jsonl': '' }),
  INPUT_UNSUPPORTED: () => runOver({ 'a.csv': 'id;text\n1;apple\n' }),
  DATASET_NOT_FOUND: async () => ['inspect', 'nothing', '--output', at('out')],
  VERSION_NOT_FOUND: async () => ['inspect', 'letters@v9', '--output', at('out')],
  VERSION_RETIRED: async () => {
    const gone = { formatVersion: 1, version: 'v9', state: 'deleting', collection: 1 };
    await mkdir(at('out/letters/tombstones'), { recursive: true });
    await writeFile(at('out/letters/tombstones/v9.json'), JSON.stringify(gone));
    return run({ dataset: 'letters', version: 'v9' });
  },
  JOB_NOT_FOUND: async () => ['status', 'nothing@v1'],
  JOB_CANCELLING: async () => {
    await vectormill(...(await run({})));
    // There is no worker that could end the job.
    await vectormill('cancel', 'other@v1');
    return ['resume', 'other@v1'];
  },
  SCHEDULE_CONFLICT: async () => {
    await vectormill('schedule', 'create', await nightly('0 2 * * *'));
    return ['schedule', 'create', await nightly('0 3 * * *')];
  },
  SCHEDULE_NOT_FOUND: async () => ['schedule', 'pause', 'nothing'],
  INDEX_NOT_FOUND: async () => ['index', 'verify', 'letters', '--name', 'nothing'],
  INDEX_MISMATCH: async () => {
    const file = at('out/letters/versions/v1/index/main/manifest.json');
    await change(file, ({ source, ...others }) => ({
      ...others,
      source: { ...(source as object), manifestSha256: '0' },
    }));
    return ['index', 'verify', 'letters', '--name', 'main'];
  },
  PROVIDER_DENIED: () => askedOf(status(401, {})),
  PROVIDER_REFUSED: () => askedOf(status(404, { code: 'model_not_found' })),
} as const satisfies Record<RefusedCode, () => Promise<CommandLine>>;

test.each(Object.keys(MEETING) as RefusedCode[])(
  '%s is met with exit code 2, and nothing is written',
  async (code) => {
    const line = await MEETING[code]();
    const files = await filesBelow(folder.path);
    const { code: exit, json } = await vectormillJson(...line);
    expect([json.error?.code, exit]).toEqual([code, 2]);
    expect(await filesBelow(folder.path)).toEqual(files);
  },
);

test('every refused code is met', () => {
  const refused = Object.entries(ERROR_KINDS).flatMap(([code, kind]) => (kind === 'refused' ? [code] : []));
  expect(Object.keys(MEETING).sort()).toEqual(refused.sort());
});
