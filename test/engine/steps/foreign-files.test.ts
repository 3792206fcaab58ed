import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ShardCommit } from '../../../core/commit.js';
import { readChunkFile, writeChunkFile } from '../../../engine/parquet/chunk-file.js';
import { readVectorFile, writeVectorFile } from '../../../engine/parquet/vector-file.js';
import { chunkShard } from '../../../engine/steps/chunk-shard.js';
import { embedShard } from '../../../engine/steps/embed-shard.js';
import { openStore } from '../../../engine/store/open-store.js';
import type { OpenVersion } from '../../../engine/version/open-version.js';
import { readJsonRecord } from '../../../engine/version/read-json-record.js';
import { listedFiles } from '../../support/listed-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import {
  runJob,
  scanVersion,
  startVersion,
  type TestProcess,
  testProcess,
  testRun,
} from '../../support/test-tools.js';

let folder: string;
let process: TestProcess;
let version: OpenVersion;

beforeEach(async () => {
  folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(8, 12) });
  process = testProcess();
  version = await startVersion(process, testJob(folder));
  await scanVersion(process, version, testRun());
});

const chunk = () => chunkShard(process.tools, version, { shard: 0, duplicates: [] }, testRun());
const embed = () => embedShard(process.tools, version, 0, testRun());
const pathOf = (key: string) => join(folder, 'out', key);

/** Lets the chunking run again without its list, so that it must examine the parts. */
function forgetChunkList(): void {
  rmSync(pathOf(version.layout.chunkParts(0)));
}

describe('a chunk part that is stored where ours belongs', () => {
  it('is a PART_CONFLICT if it is of another model', async () => {
    const { parts } = await chunk();
    forgetChunkList();
    const path = pathOf(parts[1]!.key);
    const { rows, footer } = readChunkFile(readFileSync(path), path);
    writeFileSync(path, writeChunkFile(rows, { ...footer, fingerprint: 'f'.repeat(64) }));
    await expect(chunk()).rejects.toMatchObject({
      code: 'PART_CONFLICT',
      file: expect.stringContaining('chunks'),
    });
  });

  it('is a PART_CONFLICT if it is of another shard', async () => {
    const { parts } = await chunk();
    forgetChunkList();
    const path = pathOf(parts[1]!.key);
    const { rows, footer } = readChunkFile(readFileSync(path), path);
    writeFileSync(path, writeChunkFile(rows, { ...footer, shard: '1' }));
    await expect(chunk()).rejects.toMatchObject({ code: 'PART_CONFLICT' });
  });

  it.each([
    ['fewer rows than its name says', 3],
    ['no row', 0],
  ])('is a PART_CONFLICT if it holds %s', async (_, kept) => {
    const { parts } = await chunk();
    forgetChunkList();
    const path = pathOf(parts[1]!.key);
    const { rows, footer } = readChunkFile(readFileSync(path), path);
    writeFileSync(path, writeChunkFile(rows.slice(0, kept), footer));
    await expect(chunk()).rejects.toMatchObject({ code: 'PART_CONFLICT' });
  });

  it('is a PART_CONFLICT if it holds the rows of another part', async () => {
    const { parts } = await chunk();
    forgetChunkList();
    copyFileSync(pathOf(parts[0]!.key), pathOf(parts[1]!.key));
    await expect(chunk()).rejects.toMatchObject({ code: 'PART_CONFLICT' });
  });

  it('is FILE_DAMAGED if it is cut off', async () => {
    const { parts } = await chunk();
    forgetChunkList();
    const path = pathOf(parts[1]!.key);
    writeFileSync(path, readFileSync(path).subarray(0, 500));
    const remedy = expect.stringContaining('delete it and run the job again');
    await expect(chunk()).rejects.toMatchObject({ code: 'FILE_DAMAGED', file: `file://${path}`, remedy });
    rmSync(path);
    expect((await chunk()).parts).toEqual(parts);
  });

  it('is found only by its own name if it lies after a gap, and adopted when the gap is filled', async () => {
    const chunked = await chunk();
    forgetChunkList();
    rmSync(pathOf(chunked.parts[0]!.key));
    process.events.length = 0;
    expect(await chunk()).toEqual(chunked);
    expect(process.events.map(({ event, start }) => [event, start])).toEqual([
      ['part.started', 0],
      ['part.written', 0],
      ['part.started', 4],
      ['part.adopted', 4],
    ]);
  });

  it('is left alone if its name is not that of a part', async () => {
    const chunked = await chunk();
    forgetChunkList();
    writeFileSync(join(dirname(pathOf(chunked.parts[0]!.key)), 'notes.txt'), 'mine');
    expect(await chunk()).toEqual(chunked);
  });
});

describe('a vector part that is stored where ours belongs', () => {
  const place = (name: string, bytes: Uint8Array) => {
    const path = join(pathOf(version.layout.vectorFolder(0)), name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return path;
  };

  /** Returns a sound vector part of the shard, made by a whole run elsewhere. */
  async function soundPart() {
    const manifest = await runJob(testProcess(), testJob(folder, { output: './elsewhere' }));
    const part = (await listedFiles(openStore(join(folder, 'elsewhere')), manifest)).vectorFiles[0]!;
    const bytes = readFileSync(join(folder, 'elsewhere', part.key));
    return { name: part.key.split('/').at(-1)!, bytes, part, ...readVectorFile(bytes, part.key) };
  }

  it('is adopted with the cost that it states, and is a PART_CONFLICT if that is not a number', async () => {
    const { name, bytes: _, part, footer, ...rows } = await soundPart();
    place(name, writeVectorFile(rows, { ...footer, billed_tokens: '70' }));
    await chunk();
    await embed();
    const [adopted] = (await readJsonRecord<ShardCommit>(version.store, version.layout.commit(0), 1))
      .vectorParts;
    expect(adopted).toMatchObject({ start: part.start, end: part.end, billedTokens: 70 });
    rmSync(pathOf(version.layout.commit(0)));
    place(name, writeVectorFile(rows, { ...footer, billed_tokens: 'many' }));
    await expect(embed()).rejects.toMatchObject({ code: 'PART_CONFLICT' });
  });

  it('is adopted if it is the same', async () => {
    const { name, bytes, part } = await soundPart();
    place(name, bytes);
    await chunk();
    await embed();
    const commit = await readJsonRecord<ShardCommit>(version.store, version.layout.commit(0), 1);
    expect(commit.vectorParts[0]).toEqual(part);
    expect(
      process.events.filter(({ event, stage }) => stage === 'embed' && event === 'part.adopted'),
    ).toHaveLength(1);
  });

  it('is a PART_CONFLICT if it is of another model, and no commit is written', async () => {
    const { name, footer, ...rows } = await soundPart();
    place(name, writeVectorFile(rows, { ...footer, fingerprint: 'f'.repeat(64) }));
    await chunk();
    await expect(embed()).rejects.toMatchObject({ code: 'PART_CONFLICT' });
    expect(await version.store.head(version.layout.commit(0))).toBeUndefined();
  });

  it('is a PART_CONFLICT if it holds other rows', async () => {
    const { name, footer, ...rows } = await soundPart();
    place(name, writeVectorFile({ ...rows, rowKeys: rows.rowKeys.map((key) => key + 1n) }, footer));
    await chunk();
    await expect(embed()).rejects.toMatchObject({ code: 'PART_CONFLICT' });
  });

  it('is a PART_CONFLICT if it holds the vectors of other texts', async () => {
    const { name, footer, ...rows } = await soundPart();
    const textSha256 = rows.textSha256.map((_, row) => rows.textSha256.at(row - 1)!);
    place(name, writeVectorFile({ ...rows, textSha256 }, footer));
    await chunk();
    await expect(embed()).rejects.toMatchObject({ code: 'PART_CONFLICT' });
  });

  it('is a PART_CONFLICT if it holds a NaN', async () => {
    const { name, footer, ...rows } = await soundPart();
    const vectors = rows.vectors.map((value, index) => (index === 5 ? Number.NaN : value));
    place(name, writeVectorFile({ ...rows, vectors }, footer));
    await chunk();
    await expect(embed()).rejects.toMatchObject({ code: 'PART_CONFLICT' });
  });
});

describe('what a step reads', () => {
  it('is INPUT_CHANGED if it has changed since the plan', async () => {
    writeCorpus(folder, { 'a.jsonl': documents(8, 13) });
    await expect(chunk()).rejects.toMatchObject({
      code: 'INPUT_CHANGED',
      file: expect.stringContaining('a.jsonl'),
    });
  });

  it('is INPUT_CHANGED if it has gone since the plan', async () => {
    renameSync(join(folder, 'corpus/a.jsonl'), join(folder, 'corpus/z.jsonl'));
    await expect(chunk()).rejects.toMatchObject({ code: 'INPUT_CHANGED' });
  });

  it('is CHECKSUM_MISMATCH before anything is embedded if it is a chunk part with a flipped byte', async () => {
    const { parts } = await chunk();
    const path = pathOf(parts[0]!.key);
    const bytes = readFileSync(path);
    bytes[200]! ^= 1;
    writeFileSync(path, bytes);
    await expect(embed()).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(await version.store.head(version.layout.vectorPart(0, 0, 4))).toBeUndefined();
  });

  it('is FILE_DAMAGED if it is an id file of another kind', async () => {
    writeFileSync(pathOf(version.layout.scan(0)), 'VMIDS000');
    await expect(scanVersion(process, version, testRun())).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  });
});

it('a model that gives a NaN fails the part and leaves no file of it', async () => {
  const broken = testEmbedder();
  const embed = broken.embed;
  broken.embed = async (texts, options) => {
    const result = await embed(texts, options);
    result.vectors[3] = Number.NaN;
    return result;
  };
  await chunk();
  const sick = testProcess({ embedder: broken });
  await expect(embedShard(sick.tools, version, 0, testRun())).rejects.toMatchObject({
    code: 'VECTOR_INVALID',
  });
  expect(await version.store.head(version.layout.vectorPart(0, 0, 4))).toBeUndefined();
  expect((await embedShard(process.tools, version, 0, testRun())).chunks).toBe(8);
});
