import { counted } from '../../core/counted.js';
import {
  absentModelNames,
  type CachedModel,
  cachedPlaces,
  describeCachedModel,
} from '../../engine/model/find/list-models.js';
import type { GroupedCommand } from '../define-command.js';
import { columns } from '../print.js';
import { showProgress } from '../progress.js';

export const listModels: GroupedCommand = {
  usage: 'list',
  summary: 'List the models in the cache: name, kind, dimensions, fingerprint, size and commit.',
  examples: ['vectormill model list', 'vectormill model list --json'],
  async run({ json }) {
    const places = await cachedPlaces();
    const progress = showProgress('read', 'models', json);
    const models: CachedModel[] = [];
    try {
      for (const place of places) {
        models.push(await describeCachedModel(place));
        progress.update(models.length, places.length);
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
    const absent = absentModelNames(places.map(({ name }) => name));
    if (absent.length > 0) console.log(`To be had with \`vectormill model pull\`: ${absent.join(', ')}`);
    return 0;
  },
};

function cellsOf({ name, kind, dimensions, fingerprint, bytes, commit, problem }: CachedModel): string[] {
  const width = dimensions === null ? '–' : counted(dimensions, 'dimension');
  const print = fingerprint?.slice(0, 12) ?? '–';
  return [name, kind, width, print, counted(bytes, 'byte'), commit?.slice(0, 12) ?? '–', problem ?? ''];
}
