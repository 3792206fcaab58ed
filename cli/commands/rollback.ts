import { VectormillError } from '../../core/errors.js';
import { type RefRecord, versionBefore } from '../../core/ref.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { openReadableVersion } from '../../engine/version/resolve-version.js';
import { outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { properName } from '../option-values.js';
import { findRef } from '../refs/find-ref.js';
import { pointRef, printDamaged } from '../refs/point-ref.js';

export const rollbackCommand: CommandDefinition = {
  examples: [
    'vectormill rollback handbook',
    'vectormill rollback handbook --to v1 --hold',
    'vectormill rollback s3://bucket/prefix/handbook@current --to v1 --json',
  ],
  options: [
    outputOption,
    {
      flags: '--to <version>',
      description: 'the version to go back to (default: the one that the ref named before)',
      parse: properName,
    },
    {
      flags: '--hold',
      description: 'keep the ref there: jobs and nights do not move it until `refs release`',
    },
    {
      flags: '--force',
      description: 'move the ref without checking the files of the version',
    },
  ],
  async run(input) {
    const { options, json } = input;
    const stores = storeCache();
    try {
      const { store, dataset, ref, record } = await findRef(input, stores.open);
      const version = (options.to as string | undefined) ?? versionBefore(record);
      if (version === undefined) throw nothingBefore(`${dataset}@${ref}`, record);
      const opened = await openReadableVersion(store, dataset, version);
      const hold = options.hold === true;
      const force = options.force === true;
      // A ref that is held stays so, because nobody has asked for its end.
      const asked = { ref, by: 'rollback', before: record, hold: hold || record.isHeld, force } as const;
      const pointed = await pointRef(opened, asked, json);
      if ('differences' in pointed) return printDamaged(opened, ref, pointed.differences, json);
      const { outcome, record: now } = pointed;
      const moved = outcome === 'moved';
      const { generation, isHeld } = now;
      if (json)
        console.log(
          JSON.stringify({
            output: store.root,
            dataset,
            ref,
            version,
            previous: record.version,
            generation,
            moved,
            held: isHeld,
          }),
        );
      else {
        const before = moved ? ` now (before: ${record.version})` : ' already';
        console.log(`${dataset}@${ref} is ${version}${before}${isHeld ? ', and is held there' : ''}`);
      }
      return 0;
    } finally {
      await stores.close();
    }
  },
};

function nothingBefore(name: string, { version }: RefRecord): VectormillError {
  return new VectormillError('USAGE', `${name} is ${version}, and its history has no version before it`, {
    component: 'cli',
    remedy: 'Name the version with --to.',
  });
}
