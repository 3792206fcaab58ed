import { canonicalJson } from '../../../core/canonical-json.js';
import type { DocumentEntry } from '../../../core/document-entry.js';
import { VectormillError } from '../../../core/errors.js';
import { versionLayout } from '../../../core/layout.js';
import type { CorpusLists, Probe, ProbeRecord, SecondManifest } from '../../../core/manifest.js';
import { MIN_PROBE_COSINE, probeCosine } from '../../../core/metrics/probe-cosine.js';
import type { SliceEntry } from '../../../core/slice-entry.js';
import { sha256 } from '../../files/hash.js';
import { readDocumentListFile } from '../../parquet/document-list-file.js';
import type { OpenVersion } from '../../version/open-version.js';
import { readJsonRecord } from '../../version/read-json-record.js';
import { readListedSlices } from '../../version/read-listed-slices.js';
import { parseManifest } from '../../version/read-manifest.js';
import { readOnce } from '../../version/read-once.js';
import { readPieces } from '../../version/read-pieces.js';

/** The version whose rows a job carries over, and what that version knows about its corpus. */
export interface CarriedCorpus {
  manifest: SecondManifest;
  lists: CorpusLists;
  /** The slices in the order of the parent's corpus. */
  slices: readonly SliceEntry[];
}

/**
 * Returns the version whose rows a job carries over. Undefined for a job that carries none, and
 * where the model computes other vectors of the probe than that version has. The probe of the job
 * must have been computed. Memory holds all slices. Errors: CHECKSUM_MISMATCH where the version has
 * another manifest than the job was prepared with; OBJECT_NOT_FOUND, FILE_DAMAGED.
 */
export function carriedCorpus(version: OpenVersion): Promise<CarriedCorpus | undefined> {
  return readOnce(version, 'carried corpus', () => readCarriedCorpus(version));
}

async function readCarriedCorpus(version: OpenVersion): Promise<CarriedCorpus | undefined> {
  const { store, layout, job } = version;
  if (!job.carry) return undefined;
  const { manifest: key } = versionLayout(job.spec.dataset, job.carry.version);
  const bytes = await store.get(key);
  const file = `${store.root}/${key}`;
  if (sha256(bytes) !== job.carry.manifestSha256) throw otherParent(file, job.carry.version);
  const manifest = parseManifest(bytes, file);
  if (manifest.formatVersion !== 2 || !manifest.lists.corpus) throw otherParent(file, job.carry.version);
  const probe = await readJsonRecord<ProbeRecord>(store, layout.probe, 1);
  if (!areOneSpace(probe, manifest.probe)) return undefined;
  const lists = manifest.lists.corpus;
  return { manifest, lists, slices: await readListedSlices(store, lists) };
}

/** Yields the documents of the parent by the hashes of their ids. Memory holds one piece. */
export async function* carriedDocuments(
  { store }: OpenVersion,
  { lists }: CarriedCorpus,
): AsyncGenerator<DocumentEntry> {
  for await (const documents of readPieces(store, lists.documents, readDocumentListFile)) yield* documents;
}

/** Returns whether the vectors of two probes are of one vector space. */
function areOneSpace(left: Probe, right: Probe): boolean {
  return (
    canonicalJson(left.texts) === canonicalJson(right.texts) &&
    left.vectors.every((vector, text) => probeCosine(vector, right.vectors[text] ?? []) >= MIN_PROBE_COSINE)
  );
}

function otherParent(file: string, version: string): VectormillError {
  return new VectormillError(
    'CHECKSUM_MISMATCH',
    `${file} is not the manifest of ${version} with which this job was prepared`,
    {
      component: 'carry',
      file,
      remedy: 'Restore that file, or start another version, which is compared with what is there now.',
    },
  );
}
