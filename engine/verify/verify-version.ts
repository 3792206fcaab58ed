import type { Embedder } from '../model/embedder.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { verifyDerived } from './verify-derived.js';
import { verifyFiles, verifyRejects } from './verify-files.js';
import { verifyListing } from './verify-listing.js';
import {
  verifyCommits,
  verifyCompanions,
  verifyLineage,
  verifyManifest,
  verifyProbe,
} from './verify-records.js';
import type { VerifyReport } from './verify-report.js';

/**
 * Receives the progress of a check: pairs of files, or the records of shards if no file is read.
 */
export type OnChecked = (done: number, total: number) => void;

/**
 * Recomputes every checksum, count, key range, norm and the probe. Checks that chunk ids are
 * unique, that vectors belong to their chunks' texts, and that the manifest lists what the commits
 * list. Checks the records and files of the version's indexes and triplets, too. Memory holds one
 * pair of files and one piece of each list; for a version of the first format, which lists no
 * documents, also about 100 bytes for each chunk. Without a model the probe is left out.
 */
export async function verifyVersion(
  version: ReadableVersion,
  embedder: Embedder | undefined,
  onFile: OnChecked = () => {},
): Promise<VerifyReport> {
  const report = newReport();
  if (!verifyManifest(version, report)) return report;
  await verifyFiles(version, report, onFile);
  await verifyRejects(version, report);
  await verifyRecords(version, report);
  await verifyDerived(version, report);
  if (embedder) await verifyProbe(version, embedder, report);
  return report;
}

/**
 * Checks quickly that every file exists with its size, including those of published indexes, and
 * that the records agree with each other. It reads no text and no vector, so changed bytes in a
 * file of the same size are found only by `verifyVersion`.
 */
export async function verifyVersionQuickly(
  version: ReadableVersion,
  onShard: OnChecked = () => {},
): Promise<VerifyReport> {
  const report = newReport();
  if (!verifyManifest(version, report)) return report;
  await verifyListing(version, report);
  await verifyRecords(version, report, onShard);
  return report;
}

async function verifyRecords(
  version: ReadableVersion,
  report: VerifyReport,
  onShard?: OnChecked,
): Promise<void> {
  await verifyCommits(version, report, onShard);
  await verifyCompanions(version, report);
  await verifyLineage(version, report);
}

function newReport(): VerifyReport {
  return { files: 0, chunks: 0, bytes: 0, differences: [] };
}
