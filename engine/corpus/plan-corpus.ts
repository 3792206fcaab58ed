import type { InputSpec } from '../../core/job-spec.js';
import type { Divisibility, Shard } from '../../core/plan.js';
import { planShards, type ShardPlanOptions } from '../../core/plan-shards.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import type { StoreOpener } from '../store/store-cache.js';
import type { ByteSource } from './byte-source.js';
import { inputEmpty, inputUnsupported } from './corpus-errors.js';
import { formatOf, type ObjectFormat } from './detect-format.js';
import { type ListedObject, type Listing, listObjects } from './list-objects.js';
import { locate, type OpenInput, openInput } from './open-input.js';
import { readParquetLayout } from './parquet/open-parquet.js';
import { selectObjects } from './select-objects.js';

/** The shards of a corpus, and what was left out of it. */
export interface PlannedCorpus {
  shards: Shard[];
  /** The URIs of the objects that need not be read. */
  kept: ReadonlySet<string>;
  /** The number of objects below the URI that are not part of the corpus, by the reason. */
  ignored: { excluded: number; hidden: number; empty: number; otherFormat: number };
}

const FOOTERS_AT_ONCE = 32;

/**
 * The number of stored bytes that a record takes, for the estimated time before the scan has
 * counted. These are guesses that hold within a small factor.
 */
const BYTES_PER_ROW = { jsonl: 1200, csv: 600, tsv: 600, squad: 6000, parquet: 600 };
const COMPRESSION_RATIO = 3;

/** The options of planning. */
export interface PlanCorpusOptions extends Pick<ShardPlanOptions, 'shardBytes' | 'firstShard'> {
  openStore: StoreOpener;
  signal?: AbortSignal;
  /** The objects of the input, if they were listed already. */
  listing?: Listing;
  /** Says of an object whether it need not be read. Without it, all objects are read. */
  isKept?: ((object: Pick<ListedObject, 'uri' | 'etag' | 'bytes'>) => boolean) | undefined;
}

type InputDescription = Omit<InputSpec, 'maxDocumentBytes'>;

/**
 * Lists a corpus, decides what its objects are, and cuts it into shards. It reads nothing of the
 * objects but the footers of Parquet files.
 * Errors: INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_UNSUPPORTED (formats, or a Parquet file without the
 * mapped columns), INPUT_DAMAGED (a Parquet footer that cannot be read).
 */
export async function planCorpus(
  description: InputDescription,
  options: PlanCorpusOptions,
): Promise<PlannedCorpus> {
  const { openStore, listing = await listObjects({ ...description, openStore }) } = options;
  const { objects, otherFormat } = selectObjects(listing, description);
  const input = openInput(description.uri, openStore);
  if (description.csv && !objects.some(({ path }) => isTable(path, description)))
    throw inputUnsupported(input.uri, 'input.csv is set, and no object is a table', 'leave input.csv out');
  const kept = new Set(objects.filter((object) => options.isKept?.(object)).map(({ uri }) => uri));
  const read = objects.filter(({ uri }) => !kept.has(uri));
  const described = await mapConcurrently(read, FOOTERS_AT_ONCE, async (object) => {
    const found = formatOf(object.path, description.format)!;
    return {
      uri: object.uri,
      etag: object.etag,
      bytes: object.bytes,
      divisible: await divisibilityOf(object, found, () =>
        readParquetLayout(sourceOf(input, object, options.signal), description.columns),
      ),
      bytesPerRow: bytesPerRow(found, object.bytes),
    };
  });
  const { shardBytes, firstShard } = options;
  const shards = planShards(described, { shardBytes, firstShard });
  if (shards.length === 0 && kept.size === 0) throw inputEmpty(input.uri, 'its tables have no rows');
  return {
    shards,
    kept,
    ignored: { ...listing.ignored, otherFormat },
  };
}

function isTable(path: string, { format }: InputDescription): boolean {
  return ['csv', 'tsv'].includes(formatOf(path, format)!.format);
}

async function divisibilityOf(
  object: ListedObject,
  { format, compression }: ObjectFormat,
  readLayout: () => ReturnType<typeof readParquetLayout>,
): Promise<Divisibility> {
  if (format !== 'parquet') {
    return { unit: format === 'jsonl' && compression === 'none' ? 'byte' : 'object' };
  }
  if (compression === 'none') return { unit: 'row-group', groups: (await readLayout()).groups };
  throw inputUnsupported(
    object.uri,
    'a Parquet file inside another compression cannot be read in pieces',
    'store it plain: its pages are compressed already',
  );
}

function sourceOf(input: OpenInput, object: ListedObject, signal: AbortSignal | undefined): ByteSource {
  const { uri, etag, bytes } = object;
  return { uri, etag, objectBytes: bytes, store: input.store, key: locate(input, uri).key, signal };
}

function bytesPerRow({ format, compression }: ObjectFormat, bytes: number): number {
  if (format === 'text') return bytes;
  return BYTES_PER_ROW[format] / (compression === 'none' ? 1 : COMPRESSION_RATIO);
}
