import { counted } from '../../core/counted.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import { count } from '../job/progress-line.js';
import { fieldLines } from '../print.js';

/** Describes an index and its quality, as lines to print. */
export function indexLines(manifest: IndexManifest): string[] {
  const { kind, graph, search, shards, bytes, gate, buildSeconds, buildMemoryBytes, reasons } = manifest;
  const isGraph = kind === 'hnsw';
  return fieldLines([
    ['kind', isGraph ? `HNSW, ${graph.precision}, rescored with the version's vectors` : 'exact search'],
    ['metric', graph.metric],
    ['rows', `${count(manifest.source.rows)} of ${counted(graph.dimensions, 'dimension')}`],
    ...(isGraph
      ? ([
          [
            'parameters',
            `M ${graph.connectivity}, ef construction ${graph.expansionAdd}, ef search ${search.expansionSearch}`,
          ],
          ['graphs', `${shards.length}, ${counted(bytes, 'byte')}`],
          [
            'built in',
            `${buildSeconds.toFixed(1)} s, for which memory grew by ${counted(buildMemoryBytes, 'byte')}`,
          ],
          [
            `recall@${gate.k}`,
            `${gate.recall.toFixed(4)} over ${counted(gate.queries, 'query', 'queries')} (target ${gate.target})`,
          ],
        ] as const)
      : []),
    ...reasons.map((reason): [string, string] => ['because', reason]),
  ]);
}
