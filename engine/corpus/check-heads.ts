import { VectormillError } from '../../core/errors.js';
import type { InputSpec } from '../../core/job-spec.js';
import type { Shard, Slice } from '../../core/plan.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import type { ObjectStore, ReadOptions } from '../store/object-store.js';
import type { StoreOpener } from '../store/store-cache.js';
import { formatOf } from './detect-format.js';
import { locate, openInput } from './open-input.js';
import { readShard } from './read-shard.js';

/**
 * These limits let the check take seconds, however large the corpus is. The first is the number of
 * bytes that are fetched of each object.
 */
const HEAD_BYTES = 256 * 1024;
const MAX_CHECKED_OBJECTS = 1000;
const OBJECTS_AT_ONCE = 32;

/**
 * Reads the beginning of each object of a planned corpus as the scan will read it. A fault in a
 * table's header, in the shape of a `.json` object or in a compression is thus refused before
 * anything is written. If the corpus has very many objects, it reads a selection that is spread
 * evenly.
 * Errors: INPUT_UNSUPPORTED, INPUT_DAMAGED and INPUT_CHANGED, as `readShard`, and the store's own.
 */
export async function checkHeads(
  shards: readonly Shard[],
  input: InputSpec,
  openStore: StoreOpener,
): Promise<void> {
  const opened = openInput(input.uri, openStore);
  const wholes = shards.flatMap(({ slices }) =>
    slices.filter(({ uri, start }) => start === 0 && canFindFault(locate(opened, uri).path, input)),
  );
  await mapConcurrently(spread(wholes, MAX_CHECKED_OBJECTS), OBJECTS_AT_ONCE, (slice) =>
    checkHead(slice, input, openStore),
  );
}

/**
 * Says whether a look at the object's beginning can find a fault. In a text, only its one document
 * can be at fault, and planning has already read the footers of Parquet files.
 */
function canFindFault(path: string, { format }: InputSpec): boolean {
  const found = formatOf(path, format);
  if (found === undefined || found.format === 'parquet') return false;
  return found.compression !== 'none' || found.format !== 'text';
}

function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]!);
}

/** Reads to the first record, or to the end of what is fetched. */
async function checkHead(slice: Slice, input: InputSpec, openStore: StoreOpener): Promise<void> {
  const end = new EndOfHead(slice.uri);
  const records = readShard(
    { shard: 0, slices: [slice] },
    {
      ...input,
      inputUri: input.uri,
      openStore: (root) => headsIn(openStore(root), end),
    },
  );
  try {
    for await (const group of records) if (group.length > 0) return;
  } catch (error) {
    if (error !== end) throw error;
  }
}

/**
 * Thrown when a reader wants more of an object than its head. Readers pass our own errors on
 * unchanged.
 */
class EndOfHead extends VectormillError {
  constructor(file: string) {
    super('CANCELLED', 'the head of the object has been read', { component: 'corpus', remedy: '', file });
  }
}

function headsIn(store: ObjectStore, end: EndOfHead): ObjectStore {
  async function* stream(key: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const { start, end: stop } = options.range ?? { start: 0, end: Number.POSITIVE_INFINITY };
    const last = Math.min(stop, HEAD_BYTES);
    if (start < last) yield* store.stream(key, { ...options, range: { start, end: last } });
    if (stop > HEAD_BYTES) throw end;
  }
  const get = async (key: string, options?: ReadOptions) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of stream(key, options)) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  return {
    root: store.root,
    stream,
    get,
    head: (key) => store.head(key),
    list: (prefix) => store.list(prefix),
    put: (key, body, options) => store.put(key, body, options),
    delete: (key) => store.delete(key),
    close: () => store.close(),
  };
}
