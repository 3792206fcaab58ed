import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { counted } from '../../../core/counted.js';
import { VectormillError } from '../../../core/errors.js';
import type { LockedFile } from '../../../core/model-lock.js';
import { makeFolders } from '../../files/make-folders.js';
import { sha256OfModelFile } from '../folder/hash-files.js';
import { LOCKED_MODELS, type LockedModel, lockedModel } from './locked-models.js';
import { MODEL_SOURCES, type ModelSource } from './model-sources.js';
import { modelsFolder } from './resolve-model.js';

export interface PulledModel {
  folder: string;
  /** `cache` means that it was there already, and that its checksums are right. */
  source: 'cache' | ModelSource['name'];
}

export interface PullOptions {
  /** Gets, line by line, which source is used and why an earlier one was not. */
  log?: (line: string) => void;
  /** The sources in the order in which they are tried. */
  sources?: readonly ModelSource[];
}

/**
 * Puts a locked model into the cache. The folder appears only after every checksum has been
 * checked. Errors: MODEL_NOT_FOUND for a name that is not locked, or when no source has the model;
 * MODEL_CHECKSUM_MISMATCH naming the file.
 */
export async function pullModel(name: string, options: PullOptions = {}): Promise<PulledModel> {
  const { log = () => undefined, sources = MODEL_SOURCES } = options;
  const model = lockedModel(name);
  if (!model) throw unknownModel(name);
  const folder = join(modelsFolder(), model.name);
  if (await isIntact(model, folder)) {
    log(`${model.name}: already in ${folder}, checksums are right`);
    return { folder, source: 'cache' };
  }
  await makeFolders(dirname(folder));
  const staging = await mkdtemp(join(dirname(folder), '.pull-'));
  try {
    const { source, fetched } = await fetchFromFirst(sources, model, staging, log);
    const checked = join(staging, 'checked');
    for (const file of model.files) await moveChecked(file, fetched, checked);
    await replaceFolder(checked, folder, model);
    log(`${model.name}: ${counted(model.files.length, 'file')}, every sha256 as locked, in ${folder}`);
    return { folder, source };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function fetchFromFirst(
  sources: readonly ModelSource[],
  model: LockedModel,
  staging: string,
  log: (line: string) => void,
): Promise<{ source: ModelSource['name']; fetched: string }> {
  const failures: string[] = [];
  for (const source of sources) {
    const target = join(staging, source.name);
    await mkdir(target);
    log(`${model.name}: fetching from ${source.describe(model)}`);
    try {
      return { source: source.name, fetched: await source.fetch(model, target) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`${source.describe(model)}: ${reason}`);
      log(`${model.name}: ${source.describe(model)} does not give it: ${reason}`);
    }
  }
  throw new VectormillError('MODEL_NOT_FOUND', `no source gives ${model.name} (${failures.join('; ')})`, {
    component: 'model',
    remedy: 'Connect to the network, or copy the model folder here and give its path instead of its name.',
  });
}

async function isIntact(model: LockedModel, folder: string): Promise<boolean> {
  for (const file of model.files)
    if ((await sha256OfModelFile(join(folder, file.path)).catch(() => '')) !== file.sha256) return false;
  return true;
}

/** Moves a locked file after checking it. Other files that a source brought are left behind. */
async function moveChecked({ path, sha256 }: LockedFile, from: string, to: string): Promise<void> {
  const file = join(from, path);
  const found = await sha256OfModelFile(file);
  if (found !== sha256)
    throw new VectormillError('MODEL_CHECKSUM_MISMATCH', `${path} has sha256 ${found}, locked is ${sha256}`, {
      component: 'model',
      file: path,
      remedy: 'Do not use this copy; pull again, or from another network.',
    });
  await makeFolders(dirname(join(to, path)));
  await rename(file, join(to, path));
}

/** Another process may have put the same model there meanwhile. Then its folder stays. */
async function replaceFolder(from: string, to: string, model: LockedModel): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (attempt > 0) throw error;
      if (await isIntact(model, to)) return;
      await rm(to, { recursive: true, force: true });
    }
  }
}

function unknownModel(name: string): VectormillError {
  const known = LOCKED_MODELS.map((model) => model.name).join(', ');
  return new VectormillError(
    'MODEL_NOT_FOUND',
    `there is no model ${JSON.stringify(name)} that can be pulled`,
    {
      component: 'model',
      remedy: `Choose one of: ${known}; or name a model of the Hugging Face hub as organisation/name. A folder is used by its path.`,
    },
  );
}
