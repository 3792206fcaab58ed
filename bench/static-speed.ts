/**
 * Times static embeddings beside model2vec's own encode: with the same folder, texts and threads,
 * tokenising included. The first run distils the folder from all-MiniLM-L6-v2 into the cache. Both
 * sides take turns within each round, because the speed of a shared machine drifts. Ratios are
 * taken within a round, and their median counts. `opened anew` is a model that has not met the
 * texts' words before, in each round. `again` is the same model with the same texts once more.
 * Options: --rounds N, --texts N, --json.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { availableCores } from '../engine/concurrency/available-cores.js';
import { cacheFolder } from '../engine/files/cache-folder.js';
import { distillModel } from '../engine/model/distill/distill.js';
import { writeStaticFolder } from '../engine/model/distill/write-static-folder.js';
import type { Embedder } from '../engine/model/embedder.js';
import { pullModel } from '../engine/model/fetch/pull.js';
import { openEmbedder } from '../engine/model/find/find-model.js';
import { isStaticFolder } from '../engine/model/static/static-folder.js';
import { benchTexts } from './bench-texts.js';
import { median } from './median.js';
import { PythonPeer } from './python-peer.js';
import { saveResult } from './save-result.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    texts: { type: 'string', default: '2030' },
    json: { type: 'boolean', default: false },
  },
});
const say = (line: string) => {
  if (!values.json) console.log(line);
};

const source = await distilledModel();
const { origin, texts } = await benchTexts(Number(values.texts));
const threads = availableCores();
const peer = await PythonPeer.open('model2vec_peer', { model: source, texts, threads }, say);

const speeds = { 'opened anew': [] as number[], again: [] as number[], model2vec: [] as number[] };
for (let round = 0; round <= Number(values.rounds); round++) {
  const embedder = await openEmbedder({ source });
  const results = {
    'opened anew': await timed(embedder),
    model2vec: peer.tokens / (await peer.run()).seconds,
    again: await timed(embedder),
  };
  await embedder.close();
  // The first round is only a warm-up.
  if (round > 0)
    for (const [name, speed] of Object.entries(results)) speeds[name as keyof typeof speeds].push(speed);
}
peer.close();

const ratios = (['opened anew', 'again'] as const).map((name) => ({
  name,
  tokensPerSecond: Math.round(median(speeds[name])),
  timesModel2vec: rounded(median(speeds[name].map((speed, round) => speed / speeds.model2vec[round]!))),
}));
const result = {
  texts: texts.length,
  origin,
  tokens: peer.tokens,
  threads,
  model2vecTokensPerSecond: Math.round(median(speeds.model2vec)),
  ratios,
};
const file = await saveResult('static-speed', { ...result, peer: peer.version, rounds: speeds });
if (values.json) console.log(JSON.stringify(result));
else {
  console.log(
    `${texts.length} texts (${origin}), ${peer.tokens} tokens; ${peer.version}, ${threads} threads`,
  );
  console.log(`model2vec             ${result.model2vecTokensPerSecond} tok/s`);
  for (const { name, tokensPerSecond, timesModel2vec } of ratios)
    console.log(`vectormill ${name.padEnd(11)} ${tokensPerSecond} tok/s: ${timesModel2vec}× model2vec`);
  console.log(`kept in ${file}`);
}

async function distilledModel(): Promise<string> {
  const folder = join(cacheFolder(), 'bench', 'static-minilm');
  if (await isStaticFolder(folder)) return folder;
  const { folder: transformer } = await pullModel('all-MiniLM-L6-v2', { log: say });
  say(`distilling ${folder}, once`);
  return writeStaticFolder(await distillModel(transformer), folder, true);
}

/** Returns the non-padding tokens per second. */
async function timed(embedder: Embedder): Promise<number> {
  const start = performance.now();
  const { tokens } = await embedder.embed(texts);
  if (tokens !== peer.tokens) throw new Error(`${tokens} tokens here, ${peer.tokens} with model2vec`);
  return tokens / ((performance.now() - start) / 1e3);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
