import { VectormillError } from '../../core/errors.js';
import { versionLayout } from '../../core/layout.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';
import { type MissingIndexes, missingIndexes } from '../../engine/index/list-indexes.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { readRef } from '../../engine/version/read-ref.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { findDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { nonEmpty, wholeNumber } from '../option-values.js';
import { pointRef, printDamaged } from '../refs/point-ref.js';

export const promoteCommand: CommandDefinition = {
  examples: [
    'vectormill promote handbook@candidate',
    'vectormill promote s3://bucket/prefix/handbook@v1 --ref current --json',
    'vectormill promote handbook@v2 --ref next --expect 0',
    'vectormill promote handbook@v1 --force',
  ],
  options: [
    outputOption,
    { flags: '--ref <name>', description: 'the ref to move', fallback: 'current', parse: nonEmpty },
    {
      flags: '--expect <generation>',
      description:
        'move the ref only if it has been moved this often, as `refs list` says (default: as often as when the command began)',
      parse: wholeNumber(0, Number.MAX_SAFE_INTEGER),
    },
    { flags: '--release', description: 'move the ref even if it is held, and end the hold' },
    {
      flags: '--force',
      description: 'move the ref without checking the files of the version',
    },
  ],
  async run(input) {
    const {
      arguments: [name = ''],
      options,
      json,
    } = input;
    const ref = String(options.ref);
    if (!NAME_PATTERN.test(ref))
      throw refuse(`${JSON.stringify(ref)} is no name of a ref`, `Names are ${NAME_RULE}.`);
    const stores = storeCache();
    try {
      const { store, explicit, ...place } = await findDataset(input, stores.open);
      if (!explicit)
        throw refuse(`${name} does not say which version`, `Name it: ${name}@candidate, or @v2.`);
      const opened = await resolveVersion(store, place);
      const { dataset, version } = opened.location;
      const missing = await missingIndexes(opened, ref);
      if (await store.head(versionLayout(dataset, ref).job))
        throw refuse(
          `${dataset} has a version ${ref}, which a ref of that name would hide`,
          'Name another --ref.',
        );
      const asked = {
        ref,
        by: 'promote',
        before: await readRef(store, dataset, ref),
        expect: options.expect as number | undefined,
        release: options.release === true,
        force: options.force === true,
      } as const;
      const pointed = await pointRef(opened, asked, json);
      if ('differences' in pointed) return printDamaged(opened, ref, pointed.differences, json);
      const notes = indexNotes(`${dataset}@${version}`, missing);
      const { generation, previous } = pointed.record;
      const moved = pointed.outcome === 'moved';
      if (json)
        console.log(
          JSON.stringify({ output: store.root, dataset, ref, version, previous, generation, moved, notes }),
        );
      else if (moved) console.log(`${dataset}@${ref} is ${version} now (before: ${previous ?? 'nothing'})`);
      else console.log(`${dataset}@${ref} is ${version} already`);
      for (const note of json ? [] : notes) console.log(`  note: ${note}`);
      return 0;
    } finally {
      await stores.close();
    }
  },
};

function indexNotes(version: string, missing: MissingIndexes | undefined): string[] {
  if (!missing) return [];
  const names = missing.names.join(', ');
  return [
    `${version} has no index ${names}, which ${missing.current} has; searches that name it fail until \`vectormill index build ${version} --name ${missing.names[0]}\` has built it.`,
  ];
}

function refuse(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'cli', remedy });
}
