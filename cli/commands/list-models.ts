import { counted } from '../../core/counted.js';
import {
  absentModelNames,
  type CachedModel,
  cachedModelNames,
  describeCachedModel,
} from '../../engine/model/find/list-models.js';
import type { GroupedCommand } from '../define-command.js';
import { columns } from '../print.js';
import { showProgress } from '../progress.js';

export const listModels: GroupedCommand = {
  usage: 'list',
  summary: 'List the models in the cache: name, kind, dimensions, fingerprint and size.',
  examples: ['vectormill model list', 'vectormill model list --json'],
  async run({ json }) {
    const names = await cachedModelNames();
    const progress = showProgress('read', 'models', json);
    const models: CachedModel[] = [];
    try {
      for (const name of names) {
        models.push(await describeCachedModel(name));
        progress.update(models.length, names.length);
      }
    } finally {
      progress.stop();
    }
    if (json) {
      console.log(JSON.stringify(models));
      return 0;
    }
    if (models.length === 0) console.log('No models yet; `vectormill model pull` fetches one.');
    for (const line of columns(models.map(cellsOf))) console.log(line);
    const absent = absentModelNames(names);
    if (absent.length > 0) console.log(`To be had with \`vectormill model pull\`: ${absent.join(', ')}`);
    return 0;
  },
};

function cellsOf({ name, kind, dimensions, fingerprint, bytes, problem }: CachedModel): string[] {
  const width = dimensions === null ? '–' : counted(dimensions, 'dimension');
  return [name, kind, width, fingerprint?.slice(0, 12) ?? '–', counted(bytes, 'byte'), problem ?? ''];
}
