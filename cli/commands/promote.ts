import { VectormillError } from '../../core/errors.js';
import { versionLayout } from '../../core/layout.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';
import { type MissingIndexes, missingIndexes } from '../../engine/index/list-indexes.js';
import { storeCache } from '../../engine/store/store-cache.js';
import type { Difference } from '../../engine/verify/verify-report.js';
import { moveRef } from '../../engine/version/move-ref.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { findDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { count } from '../job/progress-line.js';
import { nonEmpty } from '../option-values.js';
import { verifyFailed, verifyQuickly } from '../verify-quickly.js';

/** The number of differences that are printed for a person. */
const MAX_SHOWN_DIFFERENCES = 20;

export const promoteCommand: CommandDefinition = {
  examples: [
    'vectormill promote handbook@candidate',
    'vectormill promote s3://bucket/prefix/handbook@v1 --ref current --json',
    'vectormill promote handbook@v1 --force',
  ],
  options: [
    outputOption,
    { flags: '--ref <name>', description: 'the ref to move', fallback: 'current', parse: nonEmpty },
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
      const { fingerprint } = opened.job;
      if (await store.head(versionLayout(dataset, ref).job))
        throw refuse(
          `${dataset} has a version ${ref}, which a ref of that name would hide`,
          'Name another --ref.',
        );
      const found = options.force === true ? [] : (await verifyQuickly(opened, json)).differences;
      if (found.length > 0) return damaged(`${dataset}@${ref}`, opened, found, json);
      const notes = indexNotes(`${dataset}@${version}`, await missingIndexes(opened, ref));
      const movedAt = Date.now();
      const current = await moveRef(store, { dataset, ref, version, fingerprint, movedAt });
      if (current.version !== version) throw movedLater(`${dataset}@${ref}`, current.version);
      const moved = current.movedAt === movedAt;
      const { previous } = current;
      if (json)
        console.log(JSON.stringify({ output: store.root, dataset, ref, version, previous, moved, notes }));
      else if (moved) console.log(`${dataset}@${ref} is ${version} now (before: ${previous ?? 'nothing'})`);
      else console.log(`${dataset}@${ref} is ${version} already`);
      for (const note of json ? [] : notes) console.log(`  note: ${note}`);
      return 0;
    } finally {
      await stores.close();
    }
  },
};

/**
 * Says what is wrong with a version that no ref should name. The ref stays as it is. Returns the
 * exit code.
 */
function damaged(
  ref: string,
  { location }: ReadableVersion,
  differences: readonly Difference[],
  json: boolean,
): number {
  const { output, dataset, version } = location;
  const { code, message, remedy } = verifyFailed(
    `${dataset}@${version}`,
    differences.length,
    `Restore the named files from a copy, or name another version; --force moves the ref all the same.`,
  );
  if (json) {
    const error = { code, message, remedy };
    console.log(JSON.stringify({ output, dataset, ref, version, moved: false, differences, error }));
    return 1;
  }
  for (const { file, what } of differences.slice(0, MAX_SHOWN_DIFFERENCES)) console.error(`${file}: ${what}`);
  const more = differences.length - MAX_SHOWN_DIFFERENCES;
  if (more > 0) console.error(`and ${count(more)} more, which \`vectormill verify --quick\` shows`);
  console.error(`failed (${code}): ${message}; ${ref} stays\n  → ${remedy}`);
  return 1;
}

function indexNotes(version: string, missing: MissingIndexes | undefined): string[] {
  if (!missing) return [];
  const names = missing.names.join(', ');
  return [
    `${version} has no index ${names}, which ${missing.current} has; searches that name it fail until \`vectormill index build ${version} --name ${missing.names[0]}\` has built it.`,
  ];
}

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
