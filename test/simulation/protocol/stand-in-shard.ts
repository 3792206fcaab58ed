import type { ChunkedShard } from '../../../core/commit.js';
import { partGate } from '../../../engine/steps/part-gate.js';
import type { OpenVersion } from '../../../engine/version/open-version.js';
import type { SimulatedProcess } from '../store/simulated-process.js';
import type { Protocol } from './protocol.js';
import { computeStandIn, describeStandIn, type StandInFile } from './stand-in-part.js';
import type { StandInPlan } from './stand-in-plan.js';

const PART_ROWS = 2;

/** Writes the parts of a shard, or adopts those that are there, and commits it. */
export async function commitStandIn(
  protocol: Protocol,
  { name }: Pick<SimulatedProcess, 'name'>,
  version: OpenVersion,
  { plan, shard }: { plan: StandInPlan; shard: number },
): Promise<void> {
  const rows = plan.shards[shard - plan.firstShard]!;
  const { fingerprint } = version.job;
  const gate = partGate();
  const parts: StandInFile[] = [];
  for (let start = 0; start < rows.length; start += PART_ROWS) {
    const end = Math.min(start + PART_ROWS, rows.length);
    const key = version.layout.vectorPart(shard, start, end);
    const place = { key, shard, start, rows: rows.slice(start, end) };
    parts.push(
      await protocol.ensurePart(
        { partGate: gate, logPart: () => {} },
        version,
        { ...place, end, stage: 'embed' },
        {
          compute: async (turn) => {
            await turn;
            return computeStandIn(place, fingerprint, name);
          },
          describe: (bytes) => describeStandIn(bytes, place, fingerprint),
        },
      ),
    );
  }
  const chunked: ChunkedShard = {
    formatVersion: 1,
    shard,
    documents: rows.length,
    chunks: rows.length,
    tokens: rows.length,
    truncated: 0,
    rejects: {},
    parts,
    rejectFile: null,
  };
  await protocol.commitShard(version, chunked, { parts }, name);
}
