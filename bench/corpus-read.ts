/**
 * Measures MB/s and peak memory of reading a synthetic corpus in each text format. Usage: `npx tsx
 * bench/corpus-read.ts [megabytes]`
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { planCorpus } from '../engine/corpus/plan-corpus.js';
import { readShard } from '../engine/corpus/read-shard.js';
import { storeCache } from '../engine/store/store-cache.js';

const megabytes = Number(process.argv[2] ?? 1000);
const WORDS =
  'the corpus holds documents and each document is cut into chunks 数据 that are embedded as one unit'.split(
    ' ',
  );
const INPUT = {
  format: 'auto',
  include: [],
  exclude: [],
  columns: { text: 'text', title: 'title', metadata: [] },
} as const;

function text(row: number): string {
  return Array.from({ length: 160 }, (_, at) => WORDS[(row * 31 + at * 7) % WORDS.length]).join(' ');
}

const FORMATS: Record<string, { head: string; row: (row: number) => string; tail: string }> = {
  'corpus.jsonl': {
    head: '',
    row: (row) => `${JSON.stringify({ _id: `d${row}`, title: `Title ${row}`, text: text(row) })}\n`,
    tail: '',
  },
  'corpus.jsonl.gz': {
    head: '',
    row: (row) => `${JSON.stringify({ _id: `d${row}`, title: `Title ${row}`, text: text(row) })}\n`,
    tail: '',
  },
  'corpus.csv': { head: '_id,title,text\n', row: (row) => `d${row},Title ${row},"${text(row)}"\n`, tail: '' },
  'corpus.json': {
    head: '{"version":"1.1","data":[{"title":"T","paragraphs":[{"context":"first"}',
    row: (row) => `,{"qas":[{"question":"What is it?","id":"${row}"}],"context":"${text(row)}"}`,
    tail: ']}]}',
  },
};

function* content({ head, row, tail }: (typeof FORMATS)[string]): Generator<string> {
  yield head;
  let bytes = 0;
  for (let number = 0; bytes < megabytes * 1e6; number += 500) {
    const rows = Array.from({ length: 500 }, (_, at) => row(number + at)).join('');
    bytes += Buffer.byteLength(rows);
    yield rows;
  }
  yield tail;
}

const folder = await mkdtemp(join(tmpdir(), 'corpus-read-'));
const stores = storeCache();
try {
  for (const [name, format] of Object.entries(FORMATS)) {
    const path = join(folder, name);
    const plain = Readable.from(content(format));
    if (name.endsWith('.gz')) await pipeline(plain, createGzip({ level: 1 }), createWriteStream(path));
    else await pipeline(plain, createWriteStream(path));
    const uri = `file://${path}`;
    const { shards } = await planCorpus(
      { ...INPUT, uri },
      { shardBytes: 64 * 1024 * 1024, openStore: stores.open },
    );
    let peak = 0;
    let documents = 0;
    const sampler = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 50);
    const started = performance.now();
    for (const shard of shards) {
      const options = { ...INPUT, inputUri: uri, maxDocumentBytes: 10e6, openStore: stores.open };
      for await (const records of readShard(shard, options))
        documents += records.filter((record) => record.kind === 'document').length;
    }
    const seconds = (performance.now() - started) / 1000;
    clearInterval(sampler);
    const stored = Math.round((await stat(path)).size / 1e6);
    console.log(
      `${name}: ${stored} MB stored, ${shards.length} shards, ${documents} documents, ` +
        `${Math.round(megabytes / seconds)} MB/s of content, peak ${Math.round(peak / 1e6)} MB RSS`,
    );
    await rm(path);
  }
} finally {
  await stores.close();
  await rm(folder, { recursive: true });
}
