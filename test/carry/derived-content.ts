import { tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm/node';
import { canonicalJson } from '../../core/canonical-json.js';
import { isVectormillError } from '../../core/errors.js';
import type { IndexRequest } from '../../core/index/choose-parameters.js';
import { openIndex } from '../../engine/index/open-index.js';
import { parseMiningJob } from '../../engine/job/parse-mining-job.js';
import { prepareMining } from '../../engine/mining/prepare-mining.js';
import { denseStage } from '../../engine/search/dense-stage.js';
import { exactRows } from '../../engine/search/exact-rows.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { mineLocally } from '../../local/mine.js';
import { build } from '../engine/index/build.js';
import { oneAttempt } from '../support/one-attempt.js';
import { testEmbedder } from '../support/test-embedder.js';
import { testProcess } from '../support/test-tools.js';
import { textOf } from './corpus-state.js';

const REQUEST: IndexRequest = {
  metric: 'cosine',
  precision: 'float32',
  recallTarget: 0.9,
  exactBelow: 0,
  shardRows: 60,
};
const QUERIES = [textOf(1), 'stone of a mill'];

/**
 * Builds the index of a version, which follows that of its parent, and returns a sentence for each
 * search that finds other rows than a comparison with all live rows does.
 */
export async function indexFaults(version: ReadableVersion): Promise<string[]> {
  await build(version, 'main', REQUEST);
  const index = await openIndex(version, 'main');
  const search = denseStage(version, testEmbedder(), index);
  const faults: string[] = [];
  for (const query of QUERIES) {
    const { vectors } = await testEmbedder().embed([query], { prompt: 'query' });
    // More than there are: no row may be missing, and none may be dead.
    const exact = (await exactRows(version, 'cosine', vectors, { k: 1000 })).nearest.map(({ row }) => row);
    for (const k of [3, 1000]) {
      const found = (await search(query, { k })).nearest.map(({ row }) => row);
      // A graph gives near rows, which need not be the nearest ones unless all are asked for.
      const isRight =
        k > exact.length
          ? found.join() === exact.join()
          : found.length === k && found.every((row) => exact.includes(row));
      if (!isRight) faults.push(`the index finds rows ${found} of ${exact} for ${query}`);
    }
  }
  await index.close();
  return faults;
}

/** Mines triplets from the titles of a version. Returns them without their rows and files. */
export async function tripletsOf(
  { location, store }: ReadableVersion,
  openStore: StoreOpener,
): Promise<string> {
  const draft = {
    ...location,
    name: 'titles',
    mining: { num_negatives: 1, near_duplicate: 'off', sampling: 'random', seed: 3 },
    split: { dev_share: 0.3, seed: 5 },
  };
  const file = `${store.root.slice('file://'.length)}/mine.yaml`;
  try {
    const { mining, record } = await prepareMining(
      parseMiningJob(JSON.stringify(draft), file),
      openStore,
      file,
    );
    const { tools } = testProcess({ store: openStore });
    const withCrossEncoder = () => Promise.reject(new Error('no cross-encoder was expected'));
    const run = { signal: new AbortController().signal, onProgress: () => {}, onRetry: oneAttempt };
    const withEmbedder = tools.withEmbedder as never;
    const { totals } = await mineLocally({ openStore, withEmbedder, withCrossEncoder }, mining, record, run);
    const rows: unknown[] = [];
    for await (const { key } of store.list(`${mining.layout.prefix}/lineage/`))
      for (const row of tableFromIPC(readParquet(await store.get(key)).intoIPCStream()).toArray()) {
        const { row_keys: _, vector_files: __, ...others } = JSON.parse(JSON.stringify(row));
        rows.push(others);
      }
    return canonicalJson({ totals, rows });
  } catch (error) {
    // A corpus can have too few titles.
    if (isVectormillError(error)) return error.code;
    throw error;
  }
}
