/**
 * Times the embedder beside a bare onnxruntime-node loop (same graph, texts, batches and threads) and, with --peers,
 * beside sentence-transformers (batch 32, same texts and threads), in a venv that is made when it is missing. All take turns within each round, because a shared
 * machine's speed drifts; ratios are taken within a round, and their median counts. Tokenising is part of every figure.
 * Options: --rounds N, --texts N, --token-budget N, --sessions N, --peers, --json.
 */
import { parseArgs } from 'node:util';
import { availableCores } from '../engine/model/available-cores.js';
import { openEmbedder } from '../engine/model/find-model.js';
import { readModelFolder } from '../engine/model/model-folder.js';
import { ensureGraph } from '../engine/model/onnx/convert.js';
import { DEFAULT_BATCHING } from '../engine/model/onnx-embedder.js';
import { pullModel } from '../engine/model/pull.js';
import { BareLoop } from './bare-loop.js';
import { benchTexts } from './bench-texts.js';
import { median } from './median.js';
import { makePeerVenv, PythonPeer } from './python-peer.js';
import { saveResult } from './save-result.js';

interface Run {
  /** Non-padding tokens a second. */
  speed: number;
  /** Non-padding tokens a CPU second of all threads: what other work on the machine hardly changes. */
  speedOfCpu: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    texts: { type: 'string', default: '600' },
    sessions: { type: 'string', default: String(availableCores()) },
    'token-budget': { type: 'string', default: String(DEFAULT_BATCHING.tokenBudget) },
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const sessions = Number(values.sessions);
const batching = { ...DEFAULT_BATCHING, tokenBudget: Number(values['token-budget']) };
const say = (line: string) => {
  if (!values.json) console.log(line);
};

const { folder } = await pullModel('all-MiniLM-L6-v2', { log: say });
const { origin, texts } = await benchTexts(Number(values.texts));
const embedder = await openEmbedder({ source: folder, sessions, batching });
const graphFile = await ensureGraph(await readModelFolder(folder), embedder.signature);
const bare = await BareLoop.open(
  { graphFile, folder, maxTokens: embedder.signature.maxTokens, batching },
  sessions,
);
if (values.peers) makePeerVenv(say);
const peer = values.peers
  ? await PythonPeer.open('sentence_transformers_peer', {
      model: folder,
      texts,
      threads: sessions,
      batch_size: 32,
    })
  : undefined;

let padding = 0;
const contestants: Record<string, () => Promise<Run>> = {
  vectormill: () =>
    timed(async () => {
      const { tokens, paddingTokens } = await embedder.embed(texts);
      padding = paddingTokens / (tokens + paddingTokens);
      return tokens;
    }),
  'bare loop': () => timed(() => bare.run(texts)),
};
if (peer)
  contestants['sentence-transformers'] = async () => {
    const { seconds, cpuSeconds } = await peer.run();
    return { speed: peer.tokens / seconds, speedOfCpu: peer.tokens / cpuSeconds };
  };

const runs = new Map<string, Run[]>(Object.keys(contestants).map((name) => [name, []]));
for (let round = 0; round <= Number(values.rounds); round++)
  for (const [name, run] of Object.entries(contestants)) {
    const result = await run();
    // The first round only warms up.
    if (round > 0) runs.get(name)!.push(result);
  }
await embedder.close();
await bare.close();
peer?.close();
await report();

async function timed(work: () => Promise<number>): Promise<Run> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const tokens = await work();
  const used = process.cpuUsage(cpu);
  return {
    speed: tokens / ((performance.now() - wall) / 1e3),
    speedOfCpu: tokens / ((used.user + used.system) / 1e6),
  };
}

async function report(): Promise<void> {
  const ours = runs.get('vectormill')!;
  const rows = [...runs].map(([name, own]) => ({
    name,
    tokensPerSecond: Math.round(median(own.map((run) => run.speed))),
    tokensPerCpuSecond: Math.round(median(own.map((run) => run.speedOfCpu))),
    vectormillIsTimesAsFast: rounded(median(own.map((run, round) => ours[round]!.speed / run.speed))),
    vectormillIsTimesAsFrugal: rounded(
      median(own.map((run, round) => ours[round]!.speedOfCpu / run.speedOfCpu)),
    ),
  }));
  const result = { texts: texts.length, origin, sessions, batching, paddingShare: rounded(padding), rows };
  const details = { ...result, peer: peer?.version, rounds: Object.fromEntries(runs) };
  const file = await saveResult(peer ? 'model-speed-peers' : 'model-speed', details);
  if (values.json) return console.log(JSON.stringify(result));
  console.log(
    `${texts.length} texts (${origin}), ${sessions} threads, padding ${(100 * padding).toFixed(2)}%`,
  );
  for (const row of rows)
    console.log(
      `${row.name.padEnd(22)} ${row.tokensPerSecond} tok/s, ${row.tokensPerCpuSecond} tok a CPU second; ` +
        `vectormill: ${row.vectormillIsTimesAsFast}× (CPU ${row.vectormillIsTimesAsFrugal}×)`,
    );
  console.log(`kept in ${file}`);
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
