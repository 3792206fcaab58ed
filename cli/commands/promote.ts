import { VectormillError } from '../../core/errors.js';
import { versionLayout } from '../../core/layout.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { moveRef } from '../../engine/version/move-ref.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { openDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { nonEmpty } from '../option-values.js';

export const promoteCommand: CommandDefinition = {
  usage: 'promote <dataset[@ref|version]>',
  summary:
    'Point a ref at a readable version, by compare-and-swap: what reads the ref reads that version from then on.',
  examples: [
    'vectormill promote handbook@candidate',
    'vectormill promote s3://bucket/prefix/handbook@v1 --ref current --json',
  ],
  options: [
    outputOption,
    { flags: '--ref <name>', description: 'the ref to move', fallback: 'current', parse: nonEmpty },
  ],
  async run({ arguments: [name = ''], options, json }) {
    const ref = String(options.ref);
    if (!NAME_PATTERN.test(ref))
      throw refuse(`${JSON.stringify(ref)} is no name of a ref`, `Names are ${NAME_RULE}.`);
    const stores = storeCache();
    try {
      const { store, explicit, ...place } = await openDataset(name, options.output, stores.open);
      if (!explicit)
        throw refuse(`${name} does not say which version`, `Name it: ${name}@candidate, or @v2.`);
      const { manifest } = await resolveVersion(store, place);
      const { dataset, version, fingerprint } = manifest;
      if (await store.head(versionLayout(dataset, ref).job))
        throw refuse(
          `${dataset} has a version ${ref}, which a ref of that name would hide`,
          'Name another --ref.',
        );
      const movedAt = Date.now();
      const standing = await moveRef(store, { dataset, ref, version, fingerprint, movedAt });
      if (standing.version !== version) throw movedLater(`${dataset}@${ref}`, standing.version);
      const moved = standing.movedAt === movedAt;
      const { previous } = standing;
      if (json) console.log(JSON.stringify({ dataset, ref, version, previous, moved }));
      else if (moved) console.log(`${dataset}@${ref} is ${version} now (before: ${previous ?? 'nothing'})`);
      else console.log(`${dataset}@${ref} is ${version} already`);
      return 0;
    } finally {
      await stores.close();
    }
  },
};

function movedLater(ref: string, version: string): VectormillError {
  return new VectormillError(
    'VERSION_CONFLICT',
    `${ref} was moved to ${version} meanwhile, or by a machine whose clock is ahead`,
    { component: 'version', remedy: 'Look at `vectormill list`, and promote again if that is still wanted.' },
  );
}

function refuse(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'cli', remedy });
}
