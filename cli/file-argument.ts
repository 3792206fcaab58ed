import { VectormillError } from '../core/errors.js';
import type { ByteSource } from '../engine/corpus/byte-source.js';
import type { ObjectStore } from '../engine/store/object-store.js';
import { splitUri } from '../engine/store/open-store.js';
import type { StoreOpener } from '../engine/store/store-cache.js';
import { checkPlace } from '../engine/version/dataset-place.js';

/** A file that a command writes, or might write. */
export interface FilePlace {
  store: ObjectStore;
  key: string;
  uri: string;
}

/**
 * Returns the file that an option names by path or URI. Errors: USAGE for any other kind of URI.
 */
export function openPlace(uri: string, openStore: StoreOpener): FilePlace {
  const { root, key } = splitUri(checkPlace(uri));
  const store = openStore(root);
  return { store, key, uri: `${store.root}/${key}` };
}

/** Returns the file that `option` names, opened for reading. Errors: INPUT_NOT_FOUND. */
export async function openSource(
  uri: string,
  openStore: StoreOpener,
  { component, option }: { component: string; option: string },
): Promise<ByteSource> {
  const { store, key, uri: file } = openPlace(uri, openStore);
  const info = await store.head(key);
  if (info) return { uri: file, etag: info.etag, objectBytes: info.size, store, key };
  throw new VectormillError('INPUT_NOT_FOUND', `there is no file ${file}`, {
    component,
    file,
    remedy: `Check ${option}; it names one JSONL file.`,
  });
}

/**
 * Returns the file that `--output` names. Before anything is computed, this checks that the name is
 * free. Errors: USAGE where it is the input; OUTPUT_EXISTS, unless it may be replaced.
 */
export async function openTarget(
  uri: string,
  openStore: StoreOpener,
  options: { component: string; input: ByteSource; overwrite: boolean },
): Promise<FilePlace> {
  const { component, input, overwrite } = options;
  const output = openPlace(uri, openStore);
  if (output.uri === input.uri)
    throw new VectormillError('USAGE', `${output.uri} is the input and the output`, {
      component,
      file: output.uri,
      remedy: 'Name another --output.',
    });
  if (!overwrite && (await output.store.head(output.key))) throw outputExists(output.uri, component);
  return output;
}

/**
 * Writes the whole file at once. Errors: OUTPUT_EXISTS where the file was made meanwhile, unless it
 * may be replaced.
 */
export async function writeTarget(
  { store, key, uri }: FilePlace,
  bytes: Uint8Array,
  { component, overwrite }: { component: string; overwrite: boolean },
): Promise<void> {
  const put = await store.put(key, bytes, overwrite ? {} : { condition: { ifAbsent: true } });
  if (put.outcome === 'refused') throw outputExists(uri, component);
}

function outputExists(file: string, component: string): VectormillError {
  return new VectormillError('OUTPUT_EXISTS', `${file} is there already`, {
    component,
    file,
    remedy: 'Name another --output, or give --overwrite.',
  });
}
