import { counted } from '../../core/counted.js';
import { isVectormillError } from '../../core/errors.js';
import { type ExportSummary, exportVersion } from '../../engine/export/export-version.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { checkPlace } from '../../engine/version/dataset-place.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { findDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { interruptible } from '../interruptible.js';
import { printPaused } from '../job/pause.js';
import { showProgress } from '../progress.js';
import { typedCommand } from '../typed-command.js';

export const exportCommand: CommandDefinition = {
  examples: [
    'vectormill export handbook ./handbook-parquet',
    'vectormill export s3://bucket/prefix/handbook@v1 s3://bucket/exports/handbook-v1 --json',
  ],
  options: [outputOption],
  async run(input) {
    const { json, words } = input;
    const stores = storeCache();
    const progress = showProgress('exported', 'parts', json);
    try {
      const target = stores.open(checkPlace(input.arguments[1] ?? ''));
      const { store, ...place } = await findDataset(input, stores.open);
      const version = await resolveVersion(store, place);
      const name = `${version.location.dataset}@${version.location.version}`;
      return await interruptible(async ({ signal, by }) => {
        try {
          const summary = await exportVersion(version, target, { signal, onProgress: progress.update });
          progress.stop();
          if (json) console.log(JSON.stringify({ ...version.location, export: target.root, ...summary }));
          else print(name, target.root, summary);
          return 0;
        } catch (error) {
          if (!signal.aborted || !isVectormillError(error) || error.code !== 'CANCELLED') throw error;
          progress.stop();
          const work = {
            name: `The export of ${name}`,
            json: { export: target.root },
            again: typedCommand(words),
          };
          return printPaused(work, { kind: 'paused', by: by(), alsoOnTemporal: undefined }, json);
        }
      });
    } finally {
      progress.stop();
      await stores.close();
    }
  },
};

function print(name: string, place: string, { rows, parts, written }: ExportSummary): void {
  if (written === 0) console.log(`${place} holds all of ${name} already`);
  else
    console.log(
      `${name}: ${counted(rows, 'row')} in ${place}/chunks and ${place}/vectors, ${counted(parts, 'file')} each`,
    );
}
