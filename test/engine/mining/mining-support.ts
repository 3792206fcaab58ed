import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMiningJob } from '../../../engine/job/parse-mining-job.js';
import type { MiningReport } from '../../../engine/mining/finish-mining.js';
import { mine } from '../../../engine/mining/mine.js';
import type { MiningTools } from '../../../engine/mining/open-mining.js';
import { prepareMining } from '../../../engine/mining/prepare-mining.js';
import type { Embedder } from '../../../engine/model/embedder.js';
import { openStore } from '../../../engine/store/open-store.js';
import { testEmbedder } from '../../support/test-embedder.js';

export interface MinedFolder {
  report: MiningReport;
  /** The folder of the triplets. */
  folder: string;
  /** The rows of a JSONL folder, in order of shards. */
  rows(kind: string, split?: string): Record<string, unknown>[];
}

/** Mines below `folder/out` as the command does, with an embedder that is at hand. */
export async function mineBelow(
  folder: string,
  job: Record<string, unknown>,
  { embedder = testEmbedder(), ...more }: Partial<MiningTools> & { embedder?: Embedder } = {},
): Promise<MinedFolder> {
  const file = join(folder, 'mine.yaml');
  const spec = parseMiningJob(JSON.stringify({ dataset: 'test', output: './out', ...job }), file);
  const { mining, record } = await prepareMining(spec, openStore);
  const tools: MiningTools = {
    openStore,
    withEmbedder: (_, use) => use(embedder),
    withCrossEncoder: async () => {
      throw new Error('no cross-encoder was expected');
    },
    ...more,
  };
  const options = { signal: new AbortController().signal, onProgress: () => {} };
  const report = await mine(tools, mining, record, options);
  const place = join(folder, 'out', mining.layout.prefix);
  return { report, folder: place, rows: (kind, split = 'train') => jsonRows(join(place, kind), split) };
}

export function jsonRows(folder: string, split: string): Record<string, unknown>[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${split}-`))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
