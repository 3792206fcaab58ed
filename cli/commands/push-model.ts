import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import { bytesOfLock } from '../../core/model-lock.js';
import { pushModel } from '../../engine/model/fetch/model-store.js';
import { locateModel } from '../../engine/model/fetch/resolve-model.js';
import { openStore } from '../../engine/store/open-store.js';
import type { GroupedCommand } from '../define-command.js';
import { showProgress } from '../progress.js';

export const pushCommand: GroupedCommand = {
  usage: 'push <name> <models>',
  summary: 'Put a pulled model into an object store, from which the workers of a job with `models` take it.',
  examples: [
    'vectormill model push BAAI/bge-small-en-v1.5 s3://bucket/models',
    'vectormill model push all-MiniLM-L6-v2 s3://bucket/models --json',
  ],
  async run({ arguments: [name = '', models = ''], json }) {
    const { location: folder, lock } = await locateModel(name);
    if (!lock) throw notByName(name);
    const store = openStore(models);
    const progress = showProgress('stored', 'MB', json);
    const total = bytesOfLock(lock) / 1e6;
    let done = 0;
    try {
      const pushed = await pushModel({ folder, lock }, store, (bytes) => {
        done += bytes / 1e6;
        progress.update(Math.round(done), Math.round(total));
      });
      progress.stop();
      const { repository, commit } = lock;
      const stored = pushed.filter(({ isNew }) => isNew);
      const place = `${store.root}/${repository}/${commit}`;
      if (json)
        console.log(
          JSON.stringify({
            model: name,
            repository,
            commit,
            place,
            files: pushed.length,
            stored: stored.length,
          }),
        );
      else
        console.log(
          `${place}: ${counted(pushed.length, 'file')}, ${stored.length} of them stored now, every sha256 as locked`,
        );
      return 0;
    } finally {
      progress.stop();
      await store.close();
    }
  },
};

function notByName(name: string): VectormillError {
  return new VectormillError('USAGE', `${name} has no lock, because it was not pulled by name`, {
    component: 'cli',
    remedy:
      'Name a model that `vectormill model pull` fetched; a folder of your own is copied by other means.',
  });
}
