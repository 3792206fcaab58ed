import { counted } from '../../core/counted.js';
import { versionLayout } from '../../core/layout.js';
import { encodingOf, type Manifest } from '../../core/manifest.js';
import type { ModelSignature } from '../../core/model-signature.js';
import { describeRejects, totalRejects } from '../../core/reject-counts.js';
import { storedWidth } from '../../core/vector-precision.js';
import { listRefs, type NamedRef } from '../../engine/version/list-refs.js';
import { listVersions, type ReadableVersion } from '../../engine/version/resolve-version.js';
import { describeChanges } from '../job/describe-changes.js';
import { describeClipped } from '../job/describe-clipped.js';
import { describeCompaction } from '../job/describe-compaction.js';
import { describeCost } from '../job/describe-cost.js';
import { describeReused } from '../job/describe-reused.js';
import { count, duration } from '../job/progress-line.js';
import { fieldLines } from '../print.js';

/** The description of a version and its dataset that `inspect` prints. */
export interface VersionDescription
  extends Pick<
    Manifest,
    | 'dataset'
    | 'version'
    | 'parent'
    | 'fingerprint'
    | 'signature'
    | 'chunking'
    | 'totals'
    | 'vectors'
    | 'cost'
    | 'reused'
    | 'clipped'
    | 'changes'
    | 'compacted'
    | 'rejects'
    | 'timings'
  > {
  /** The root that holds the dataset. */
  output: string;
  folder: string;
  refs: readonly NamedRef[];
  versions: readonly { version: string; readable: boolean }[];
  /** The number of files of each kind, and the list of all files where it was asked for. */
  files: { chunks: number; vectors: number; rejects: number; list?: readonly ListedFile[] };
}

export interface ListedFile {
  uri: string;
  bytes: number;
  sha256: string;
}

/** Errors: those of reading refs. */
export async function describeVersion(
  version: ReadableVersion,
  listFiles: boolean,
): Promise<VersionDescription> {
  const { store, location, manifest, parts, rejectFiles } = version;
  const { dataset } = location;
  const files = { chunks: parts.length, vectors: parts.length, rejects: rejectFiles.length };
  const listed = [
    ...[...parts].map(({ chunks }) => chunks),
    ...[...parts].map(({ vectors }) => vectors),
    ...rejectFiles,
  ];
  const list = listed.map(
    ({ key, bytes, sha256 }): ListedFile => ({ uri: `${store.root}/${key}`, bytes, sha256 }),
  );
  const versions = [];
  for (const name of await listVersions(store, dataset)) {
    const readable = (await store.head(versionLayout(dataset, name).manifest)) !== undefined;
    versions.push({ version: name, readable });
  }
  return {
    dataset: manifest.dataset,
    version: manifest.version,
    parent: manifest.parent,
    signature: manifest.signature,
    fingerprint: manifest.fingerprint,
    chunking: manifest.chunking,
    totals: manifest.totals,
    ...(manifest.cost && { cost: manifest.cost }),
    ...(manifest.reused && { reused: manifest.reused }),
    ...(manifest.clipped && { clipped: manifest.clipped }),
    ...(manifest.changes && { changes: manifest.changes }),
    ...(manifest.compacted && { compacted: manifest.compacted }),
    rejects: manifest.rejects,
    vectors: manifest.vectors,
    timings: manifest.timings,
    output: store.root,
    folder: `${store.root}/${versionLayout(dataset, location.version).prefix}`,
    refs: await listRefs(store, dataset),
    versions,
    files: listFiles ? { ...files, list } : files,
  };
}

/** Returns the description as lines for a person. */
export function versionLines(description: VersionDescription): string[] {
  const {
    dataset,
    version,
    totals,
    cost,
    reused,
    clipped,
    changes,
    compacted,
    signature,
    rejects,
    files,
    timings,
    chunking,
  } = description;
  const rejected = totalRejects(rejects);
  const { strategy, maxTokens, overlap, prefix } = chunking;
  const context = prefix.length > 0 ? `, each after its ${prefix.join(' and ')}` : '';
  return [
    `${dataset}@${version}`,
    ...fieldLines([
      ['folder', description.folder],
      ['model', modelLine(signature)],
      ['fingerprint', description.fingerprint],
      ['vectors', vectorsLine(description)],
      [
        'chunking',
        `${strategy}, ${counted(maxTokens, 'token')}${overlap > 0 ? `, ${overlap} shared` : ''}${context}`,
      ],
      ['input', `${counted(totals.inputObjects, 'object')}, ${counted(totals.inputBytes, 'byte')}`],
      ['documents', count(totals.documents)],
      ['rejects', rejected > 0 ? `${count(rejected)}: ${describeRejects(rejects)}` : '0'],
      ['chunks', `${count(totals.chunks)}, ${count(totals.truncatedChunks)} truncated`],
      ['tokens', count(totals.tokens)],
      ...(cost ? ([['cost', describeCost(cost)]] as const) : []),
      ...(reused ? ([['reused', describeReused(reused)]] as const) : []),
      ...(clipped ? ([['clipped', describeClipped(clipped)]] as const) : []),
      ...(changes
        ? ([['changes', describeChanges(changes, reused?.computed ?? totals.chunks)]] as const)
        : []),
      ...(compacted ? ([['compacted', describeCompaction(compacted)]] as const) : []),
      ['files', `${files.chunks} chunk, ${files.vectors} vector, ${files.rejects} reject`],
      ['bytes', count(totals.outputBytes)],
      [
        'finished',
        `${instant(timings.finishedAt)}, after ${duration(timings.finishedAt - timings.startedAt)}`,
      ],
      ['parent', description.parent ?? '–'],
      ['refs', description.refs.map((ref) => `${ref.ref} → ${ref.version}`).join(', ') || '–'],
      [
        'versions',
        description.versions
          .map(({ version: name, readable }) => (readable ? name : `${name} (not readable yet)`))
          .join(', '),
      ],
    ]),
    ...(files.list ?? []).map(({ uri, bytes, sha256 }) => `${sha256}  ${String(bytes).padStart(12)}  ${uri}`),
  ];
}

function modelLine({ name, dimensions, maxTokens, similarity }: ModelSignature): string {
  const compared = similarity === undefined ? '' : `, compared by ${similarity}`;
  return `${name}, ${counted(dimensions, 'dimension')}, ${counted(maxTokens, 'token')}${compared}`;
}

function vectorsLine({ vectors, signature }: VersionDescription): string {
  const { precision, ranges } = encodingOf({ vectors });
  const width = storedWidth(precision, signature.dimensions);
  const numbers = `${precision}, ${width} a row`;
  return ranges ? `${numbers}, by one set of ranges` : numbers;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
