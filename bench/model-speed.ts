/**
 * Times the embedder in float32 and int8 beside bare onnxruntime-node loops (with the same graphs,
 * texts, batches and threads). With --peers, it also times sentence-transformers (PyTorch, and its
 * own ONNX int8 export) and OpenVINO int8, in venvs that are made where they are missing. All take
 * turns within each round, because the speed of a shared machine drifts. Ratios are taken within a
 * round, and their median counts. Tokenising is part of every figure. Options: --rounds N, --texts
 * N, --sessions N, --peers, --json.
 */
import { parseArgs } from 'node:util';
import { availableCores } from '../engine/concurrency/available-cores.js';
import { pullModel } from '../engine/model/fetch/pull.js';
import { findModel } from '../engine/model/find/find-model.js';
import { batchingOf } from '../engine/model/session/row-batches.js';
import { readModelFolder } from '../engine/model/transformer/model-folder.js';
import { ensureModelGraph } from '../engine/model/transformer/model-graph.js';
import { BareLoop } from './bare-loop.js';
import { benchTexts } from './bench-texts.js';
import { matrixLimits } from './matrix-limit.js';
import { median } from './median.js';
import { type PeerName, PythonPeer } from './python-peer.js';
import { saveResult } from './save-result.js';

/** The precisions that are timed. float16 is for GPUs. */
const PRECISIONS = ['float32', 'int8'] as const;
type Precision = (typeof PRECISIONS)[number];

interface Run {
  /** Non-padding tokens per second. */
  speed: number;
  /**
   * Non-padding tokens per CPU second of all threads. Other work on the machine affects it less.
   */
  speedOfCpu: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    texts: { type: 'string', default: '600' },
    sessions: { type: 'string', default: String(availableCores()) },
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const say = (line: string) => {
  if (!values.json) console.log(line);
};

/** The ratios that are computed, each with the least value that the project has set itself. */
const RATIOS: readonly { of: string; to: string; atLeast?: number }[] = [
  { of: 'vectormill int8', to: 'sentence-transformers float32', atLeast: 2.4 },
  { of: 'vectormill int8', to: 'sentence-transformers OpenVINO int8', atLeast: 1.05 },
  { of: 'vectormill int8', to: 'OpenVINO int8 by hand', atLeast: 1.05 },
  { of: 'vectormill int8', to: 'sentence-transformers ONNX int8', atLeast: 1.2 },
  { of: 'vectormill float32', to: 'sentence-transformers float32', atLeast: 1.3 },
  { of: 'vectormill float32', to: 'bare loop float32' },
  { of: 'vectormill int8', to: 'bare loop int8' },
  { of: 'vectormill int8', to: 'vectormill float32' },
];
const PEERS: readonly [name: string, peer: PeerName, batchSize: number][] = [
  ['sentence-transformers float32', 'sentence_transformers_peer', 32],
  ['sentence-transformers ONNX int8', 'onnx_int8_peer', 32],
  // Sorted, in batches of 8, which is the best of 8, 16 and 32, through its asynchronous queue, as
  // experts would write it.
  ['OpenVINO int8 by hand', 'openvino_int8_peer', 8],
  ['sentence-transformers OpenVINO int8', 'openvino_st_int8_peer', 32],
];

const { folder } = await pullModel('all-MiniLM-L6-v2', { log: say });
const { origin, texts } = await benchTexts(Number(values.texts));
const sessions = Number(values.sessions);
const padding: Partial<Record<Precision, number>> = {};
const contestants = new Map<string, () => Promise<Run>>();
const closers: (() => Promise<void> | void)[] = [];
const versions: string[] = [];
let productsPerToken = 0;
for (const precision of PRECISIONS) await enterOurs(precision);
if (values.peers) for (const [name, peer, batchSize] of PEERS) await enterPeer(name, peer, batchSize);

const runs = new Map<string, Run[]>([...contestants.keys()].map((name) => [name, []]));
for (let round = 0; round <= Number(values.rounds); round++)
  for (const [name, run] of contestants) {
    const result = await run();
    // The first round is only a warm-up.
    if (round > 0) runs.get(name)!.push(result);
  }
for (const close of closers) await close();
await report();

/** Adds the embedder and the bare loop over the same graph. */
async function enterOurs(precision: Precision): Promise<void> {
  const model = await findModel({ source: folder, precision });
  const { signature } = model;
  const embedder = await model.open({ sessions });
  const graphFile = await ensureModelGraph(await readModelFolder(folder), signature);
  const bare = await BareLoop.open(
    { graphFile, folder, maxTokens: signature.maxTokens, batching: batchingOf(precision) },
    sessions,
  );
  contestants.set(`vectormill ${precision}`, () =>
    timed(async () => {
      const { tokens, paddingTokens } = await embedder.embed(texts);
      padding[precision] = paddingTokens / (tokens + paddingTokens);
      return tokens;
    }),
  );
  contestants.set(`bare loop ${precision}`, () => timed(() => bare.run(texts)));
  closers.push(
    () => embedder.close(),
    () => bare.close(),
  );
  const { hiddenSize, innerSize, layers } = signature.parameters as Record<string, number>;
  productsPerToken = layers! * (4 * hiddenSize! ** 2 + 2 * hiddenSize! * innerSize!);
}

async function enterPeer(name: string, peerName: PeerName, batchSize: number): Promise<void> {
  const job = { model: folder, texts, threads: sessions, batch_size: batchSize };
  const peer = await PythonPeer.open(peerName, job, say);
  versions.push(`${name}: ${peer.version}`);
  contestants.set(name, async () => {
    const { seconds, cpuSeconds } = await peer.run();
    return { speed: peer.tokens / seconds, speedOfCpu: peer.tokens / cpuSeconds };
  });
  closers.push(() => peer.close());
}

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
  const speeds = [...runs].map(([name, own]) => ({
    name,
    tokensPerSecond: Math.round(median(own.map(({ speed }) => speed))),
    tokensPerCpuSecond: Math.round(median(own.map(({ speedOfCpu }) => speedOfCpu))),
  }));
  const ratios = RATIOS.filter(({ to }) => runs.has(to)).map((ratio) => ({
    ...ratio,
    wall: ratioOf(ratio, ({ speed }) => speed),
    cpu: ratioOf(ratio, ({ speedOfCpu }) => speedOfCpu),
  }));
  const limits = await matrixLimits();
  const shares = PRECISIONS.map((precision) => {
    const { tokensPerCpuSecond } = speeds.find(({ name }) => name === `vectormill ${precision}`)!;
    return {
      precision,
      limit: Math.round(limits[precision]),
      share: rounded((tokensPerCpuSecond * productsPerToken) / 1e9 / limits[precision]),
    };
  });
  const result = { texts: texts.length, origin, sessions, padding, speeds, ratios, shares };
  const file = await saveResult(values.peers ? 'model-speed-peers' : 'model-speed', {
    ...result,
    versions,
    rounds: Object.fromEntries(runs),
  });
  if (values.json) return console.log(JSON.stringify(result));
  say(`${texts.length} texts (${origin}), ${sessions} threads; tokens a second, and a CPU second`);
  for (const { name, tokensPerSecond, tokensPerCpuSecond } of speeds)
    say(
      `  ${name.padEnd(36)} ${String(tokensPerSecond).padStart(7)} ${String(tokensPerCpuSecond).padStart(7)}`,
    );
  for (const { of, to, wall, cpu, atLeast } of ratios)
    say(
      `${of} is ${wall}× ${to} (by CPU ${cpu}×)${atLeast === undefined ? '' : `; asked: ${atLeast}×, ${wall >= atLeast ? 'reached' : 'MISSED'}`}`,
    );
  for (const { precision, limit, share } of shares)
    say(
      `${precision}: a core's matrix limit is ${limit}·10⁹ multiplications a second; linear layers alone use ${percent(share)} of it; padding ${percent(padding[precision]!)} of tokens`,
    );
  say(`kept in ${file}`);
}

function ratioOf({ of, to }: { of: string; to: string }, pick: (run: Run) => number): number {
  return rounded(median(runs.get(of)!.map((run, round) => pick(run) / pick(runs.get(to)![round]!))));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}

function rounded(value: number): number {
  return Math.round(value * 1e3) / 1e3;
}
