import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import { hubNameText, isCommit, parseHubName } from '../../core/model-lock.js';
import { lockedModel } from '../../engine/model/fetch/locked-models.js';
import {
  type ListedModel,
  listRepository,
  ownBytes,
  removePulled,
} from '../../engine/model/fetch/pulled-models.js';
import { modelsFolder } from '../../engine/model/fetch/resolve-model.js';
import { bytesBelow, cachedModelNames } from '../../engine/model/find/list-models.js';
import type { GroupedCommand } from '../define-command.js';

export const removeCommand: GroupedCommand = {
  usage: 'remove <name>',
  summary: "Take a model out of the cache. Files that lie in the hub's own cache or elsewhere stay there.",
  examples: [
    'vectormill model remove BAAI/bge-small-en-v1.5@main',
    'vectormill model remove BAAI/bge-small-en-v1.5 --json',
  ],
  async run({ arguments: [name = ''], json }) {
    const removed = (await removeFromHub(name)) ?? (await removeFolder(name));
    if (!removed) throw notThere(name);
    const bytes = removed.reduce((sum, one) => sum + one.bytes, 0);
    if (json) console.log(JSON.stringify({ model: name, removed, bytes }));
    else {
      for (const one of removed) console.log(`removed ${one.name} (${one.folder})`);
      console.log(`${counted(bytes, 'byte')} are free again`);
    }
    return 0;
  },
};

interface Removed {
  name: string;
  folder: string;
  /** The bytes that lay in the folder itself, without files that were linked into it. */
  bytes: number;
}

/** Removes the commits for which a name of the hub stands: all of a repository, or one. */
async function removeFromHub(text: string): Promise<Removed[] | undefined> {
  const name = parseHubName(text);
  if (!name) return undefined;
  const isWhole = !text.includes('@');
  const standsFor = ({ lock, names }: ListedModel) =>
    isWhole || lock.commit === name.revision || names.some(({ revision }) => revision === name.revision);
  const models = (await listRepository(name.repository)).filter(standsFor);
  if (models.length === 0) return undefined;
  const removed: Removed[] = [];
  for (const model of models) {
    const others = model.names.filter(({ revision }) => revision !== name.revision && !isCommit(revision));
    if (!isWhole && others.length > 0 && !isCommit(name.revision))
      throw stillNamed(text, others.map(hubNameText));
    const bytes = await ownBytes(model);
    await removePulled(model);
    removed.push({ name: hubNameText(model.names[0]!), folder: model.folder, bytes });
  }
  return removed;
}

/** Removes a folder of the cache. Where it is a link, what it leads to stays. */
async function removeFolder(text: string): Promise<Removed[] | undefined> {
  const name = lockedModel(text)?.name ?? text;
  if (!(await cachedModelNames()).includes(name)) return undefined;
  const folder = join(modelsFolder(), name);
  const bytes = await bytesBelow(folder, { followLinks: false });
  await rm(folder, { recursive: true });
  return [{ name, folder, bytes }];
}

function stillNamed(name: string, others: readonly string[]): VectormillError {
  return new VectormillError('USAGE', `${name} is the same commit as ${others.join(', ')}`, {
    component: 'cli',
    remedy:
      'Name the commit in place of the revision to remove it under all its names; `vectormill model list` shows it.',
  });
}

function notThere(name: string): VectormillError {
  return new VectormillError('MODEL_NOT_FOUND', `the cache holds no model ${JSON.stringify(name)}`, {
    component: 'model',
    remedy: '`vectormill model list` shows what it holds. Folders elsewhere are not removed by this command.',
  });
}
