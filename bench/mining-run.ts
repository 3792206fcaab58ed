/**
 * Mines once over the output of `mining-version.ts`, in a process of its own, and prints its
 * seconds and peak memory.
 */

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseMiningJob } from '../engine/job/parse-mining-job.js';
import { prepareMining } from '../engine/mining/prepare-mining.js';
import { openStore } from '../engine/store/open-store.js';
import { mineLocally } from '../local/mine.js';
import { DATASET, syntheticSignature } from './mining-version.js';

const [folder = '', name = '', dimensions = ''] = process.argv.slice(2);
const job = {
  dataset: DATASET,
  version: 'v1',
  output: './out',
  name,
  pairs: './pairs.jsonl',
  mining: { preset: '95-percent' },
};
const file = join(folder, 'mine.yaml');
const spec = parseMiningJob(JSON.stringify(job), file);
const { mining, record } = await prepareMining(spec, openStore, file);
const queries = await readFile(join(folder, 'queries.f32'));
let from = 0;
const start = performance.now();
const report = await mineLocally(
  {
    openStore,
    withEmbedder: (_, use) =>
      use({
        signature: syntheticSignature(Number(dimensions)),
        fingerprint: 'synthetic',
        embed: async (texts) => {
          const bytes = texts.length * Number(dimensions) * 4;
          const vectors = new Float32Array(
            queries.buffer.slice(queries.byteOffset + from, queries.byteOffset + from + bytes),
          );
          from += bytes;
          return { vectors, tokens: 0, paddingTokens: 0 };
        },
        close: async () => {},
      }),
    withCrossEncoder: async () => {
      throw new Error('there is no cross-encoder here');
    },
  },
  mining,
  record,
  {
    signal: new AbortController().signal,
    onProgress: () => {},
    onRetry: (error) => {
      throw error;
    },
  },
);
const seconds = (performance.now() - start) / 1e3;
console.log(JSON.stringify({ seconds, peakMebibytes: peakMebibytes(), rows: report.totals.trainingRows }));

/**
 * Returns the largest resident set of this process so far, in MiB. `resourceUsage` is not used,
 * because on Linux its maximum includes the process that started this one.
 */
function peakMebibytes(): number {
  const kibibytes = /VmHWM:\s+(\d+) kB/.exec(readStatus())?.[1] ?? process.resourceUsage().maxRSS;
  return Math.round(Number(kibibytes) / 1024);
}

function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
