import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isVectormillError } from '../../../core/errors.js';
import { hubNameText } from '../../../core/model-lock.js';
import { findCrossEncoder } from '../cross-encoder/find-cross-encoder.js';
import { LOCKED_MODELS } from '../fetch/locked-models.js';
import { listPulled } from '../fetch/pulled-models.js';
import { modelsFolder } from '../fetch/resolve-model.js';
import { kindOfModel, type ModelKind } from '../folder/model-kind.js';
import { findModel } from './find-model.js';

/** A model in the cache, which commands know by its name. */
export interface CachedModel {
  name: string;
  folder: string;
  /** The commit of a model of the hub; null for any other. */
  commit: string | null;
  /** The size of all its files. */
  bytes: number;
  kind: ModelKind;
  /**
   * The number of values in a vector. It is null for a cross-encoder, which makes no vectors, and
   * for a model that cannot be read.
   */
  dimensions: number | null;
  /**
   * The fingerprint that `model show` prints without options; null where the model cannot be read.
   */
  fingerprint: string | null;
  /** The reason why the model cannot be read. */
  problem: string | null;
}

/** Returns the names of the models in the cache, in order. */
export async function cachedModelNames(): Promise<string[]> {
  const entries = await readdir(modelsFolder(), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  return folders
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('.'))
    .sort();
}

/** Returns the names of the models that `model pull` can fetch, and that are not in the cache. */
export function absentModelNames(cached: readonly string[]): string[] {
  return LOCKED_MODELS.map(({ name }) => name).filter((name) => !cached.includes(name));
}

/** A model in the cache by its place. */
export type CachedPlace = Pick<CachedModel, 'name' | 'folder' | 'commit'>;

/**
 * Lists the places of all models in the cache: folders first, then what was pulled from the hub.
 */
export async function cachedPlaces(): Promise<CachedPlace[]> {
  const folders = (await cachedModelNames()).map((name) => ({
    name,
    folder: join(modelsFolder(), name),
    commit: null,
  }));
  const pulled = (await listPulled()).map(({ names, folder, lock }) => ({
    name: names.map(hubNameText).join(', '),
    folder,
    commit: lock.commit,
  }));
  return [...folders, ...pulled];
}

/** Describes a model in the cache. Hashing its weights takes about a second per gigabyte. */
export async function describeCachedModel(place: CachedPlace): Promise<CachedModel> {
  const { folder } = place;
  const kind = await kindOfModel(folder).catch(() => 'embedder' as const);
  const base = { ...place, kind, bytes: await bytesBelow(folder) };
  try {
    if (kind === 'cross-encoder') {
      const { fingerprint } = await findCrossEncoder({ source: folder });
      return { ...base, dimensions: null, fingerprint, problem: null };
    }
    const { fingerprint, signature } = await findModel({ source: folder });
    return { ...base, dimensions: signature.dimensions, fingerprint, problem: null };
  } catch (error) {
    if (!isVectormillError(error)) throw error;
    return { ...base, dimensions: null, fingerprint: null, problem: `${error.code}: ${error.message}` };
  }
}

/** Adds up the bytes of all files below a folder, with or without those that are linked there. */
export async function bytesBelow(folder: string, { followLinks = true } = {}): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() || (followLinks && entry.isSymbolicLink()));
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const found = await stat(join(parentPath, name)).catch(() => undefined);
      return found?.isFile() ? found.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
