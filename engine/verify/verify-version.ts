import type { Embedder } from '../model/embedder.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { verifyFiles, verifyRejects } from './verify-files.js';
import { verifyCommits, verifyCompanions, verifyProbe } from './verify-records.js';
import type { VerifyReport } from './verify-report.js';

/**
 * Recomputes every checksum, count, key range, norm and the probe, and checks that chunk ids are unique, that vectors
 * belong to their chunks' texts, and that the manifest lists what the commits list. Memory holds one pair of files and
 * about 100 bytes a chunk. Without a model the probe is left out.
 */
export async function verifyVersion(
  version: ReadableVersion,
  embedder: Embedder | undefined,
  onFile: (done: number, total: number) => void = () => {},
): Promise<VerifyReport> {
  const report: VerifyReport = { files: 0, chunks: 0, bytes: 0, differences: [] };
  await verifyFiles(version, report, onFile);
  await verifyRejects(version, report);
  await verifyCommits(version, report);
  await verifyCompanions(version, report);
  if (embedder) await verifyProbe(version, embedder, report);
  return report;
}
