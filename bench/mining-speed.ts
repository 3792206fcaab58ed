/**
 * Times exact mining beside sentence-transformers' `mine_hard_negatives` without FAISS. Both have
 * the same vectors and the same options, and each runs in a process that reports its own seconds
 * and peak memory. The two take turns within each round, and ratios are taken within a round. Our
 * side reads the vectors from a committed version, checks its checksums and writes the training
 * files. The peer has the vectors in memory and keeps the rows there. Embedding is timed on neither
 * side. Options: --queries N, --chunks N, --dimensions N, --rounds N, --json.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { availableCores } from '../engine/concurrency/available-cores.js';
import { median } from './median.js';
import { writeMiningInput } from './mining-version.js';
import { PROJECT_ROOT } from './project-root.js';
import { makeVenv } from './python-peer.js';
import { saveResult } from './save-result.js';

interface Run {
  seconds: number;
  peakMebibytes: number;
  rows: number;
}

const { values } = parseArgs({
  options: {
    queries: { type: 'string', default: '10000' },
    chunks: { type: 'string', default: '200000' },
    dimensions: { type: 'string', default: '384' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const say = (line: string) => {
  if (!values.json) console.log(line);
};
const size = {
  queries: Number(values.queries),
  chunks: Number(values.chunks),
  dimensions: Number(values.dimensions),
};
const threads = availableCores();
const python = makeVenv('requirements', say);
const folder = await mkdtemp(join(tmpdir(), 'vectormill-mining-'));
const runs: { ours: Run[]; peer: (Run & { version: string })[] } = { ours: [], peer: [] };
try {
  say(`${size.queries} queries × ${size.chunks} chunks × ${size.dimensions}, ${threads} threads`);
  await writeMiningInput(folder, size);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const script = join(PROJECT_ROOT, 'bench', 'mining-run.ts');
    const ours = ['--import', 'tsx', script, folder, `round-${round}`, String(size.dimensions)];
    runs.ours.push(lastLine(execFileSync(process.execPath, ours, { cwd: PROJECT_ROOT })));
    const peer = [
      join(PROJECT_ROOT, 'bench', 'peers', 'mining_peer.py'),
      folder,
      String(size.dimensions),
      String(threads),
    ];
    runs.peer.push(lastLine(execFileSync(python, peer, { stdio: ['ignore', 'pipe', 'ignore'] })));
    const [here, there] = [runs.ours[round]!, runs.peer[round]!];
    say(
      `round ${round + 1}: ${described(here)} and ${described(there)}, ${rounded(there.seconds / here.seconds)}×, ${rounded(here.peakMebibytes / there.peakMebibytes)} of the memory; ${here.rows} and ${there.rows} rows`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const ratio = median(runs.ours.map(({ seconds }, round) => runs.peer[round]!.seconds / seconds));
const memoryShare = median(
  runs.ours.map(({ peakMebibytes }, round) => peakMebibytes / runs.peer[round]!.peakMebibytes),
);
const result = {
  size,
  threads,
  peer: runs.peer[0]!.version,
  seconds: medians(({ seconds }) => seconds),
  peakMebibytes: medians(({ peakMebibytes }) => peakMebibytes),
  timesPeer: rounded(ratio),
  memoryShare: rounded(memoryShare),
};
const file = await saveResult('mining-speed', { ...result, rounds: runs });
if (values.json) console.log(JSON.stringify(result));
else
  say(
    `${result.seconds.ours} s in ${result.peakMebibytes.ours} MiB, the peer ${result.seconds.peer} s in ${result.peakMebibytes.peer} MiB: ${result.timesPeer}× its speed in ${result.memoryShare} of its memory; kept in ${file}`,
  );

function medians(pick: (run: Run) => number): { ours: number; peer: number } {
  return { ours: rounded(median(runs.ours.map(pick))), peer: rounded(median(runs.peer.map(pick))) };
}

function described({ seconds, peakMebibytes }: Run): string {
  return `${seconds.toFixed(1)} s in ${peakMebibytes} MiB`;
}

function lastLine<Result>(output: Buffer): Result {
  return JSON.parse(output.toString().trimEnd().split('\n').at(-1)!) as Result;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
