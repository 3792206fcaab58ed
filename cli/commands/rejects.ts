import { counted } from '../../core/counted.js';
import type { Reject } from '../../core/document.js';
import { VectormillError } from '../../core/errors.js';
import type { VersionLocation } from '../../core/job-spec.js';
import { refKey, versionLayout } from '../../core/layout.js';
import { listRejects } from '../../engine/steps/list-rejects.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { versionOpener } from '../../engine/version/open-version.js';
import { listVersions, resolveVersion } from '../../engine/version/resolve-version.js';
import { type DatasetPlace, findDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { wholeNumber } from '../option-values.js';
import { oneLine } from '../print.js';

export const rejectsCommand: CommandDefinition = {
  examples: ['vectormill rejects handbook', 'vectormill rejects handbook@v2 --limit 1000 --json'],
  options: [
    outputOption,
    {
      flags: '--limit <n>',
      description: 'documents to list',
      fallback: 100,
      parse: wholeNumber(1, 1_000_000),
    },
  ],
  async run(input) {
    const { options, json } = input;
    const stores = storeCache();
    try {
      const location = await findVersion(await findDataset(input, stores.open));
      const version = await versionOpener(stores.open)(location);
      const found = await collect(
        listRejects({ openStore: stores.open }, version, new AbortController().signal),
        Number(options.limit),
      );
      if (json)
        console.log(
          JSON.stringify({
            output: location.output,
            dataset: location.dataset,
            version: location.version,
            ...found,
          }),
        );
      else print(location, found);
      return 0;
    } finally {
      await stores.close();
    }
  },
};

interface FoundRejects {
  rejects: (Reject & { shard?: number })[];
  /** Whether there are more rejects than were asked for. */
  more: boolean;
  /** The number of rejects that the shards read have counted without listing them. */
  unlisted: number;
}

async function collect(shards: ReturnType<typeof listRejects>, limit: number): Promise<FoundRejects> {
  const found: FoundRejects = { rejects: [], more: false, unlisted: 0 };
  for await (const { shard, rejects, unlisted } of shards) {
    for (const reject of rejects) {
      if (found.rejects.length === limit) return { ...found, more: true };
      found.rejects.push({ ...(shard !== undefined && { shard }), ...reject });
    }
    found.unlisted += unlisted;
  }
  return found;
}

function print({ dataset, version }: VersionLocation, { rejects, more, unlisted }: FoundRejects): void {
  if (rejects.length === 0) console.error(`${dataset}@${version} has no quarantined documents.`);
  for (const { code, reason, position, id } of rejects) {
    const named = id === undefined ? '' : `  id ${oneLine(id)}`;
    console.log(`${code}  ${position.uri} ${position.unit} ${position.at}${named}  ${oneLine(reason)}`);
  }
  if (more) console.error(`There are more; --limit ${rejects.length * 10} shows more of them.`);
  if (unlisted > 0) console.error(`${counted(unlisted, 'more document')} counted without being listed.`);
}

/**
 * Returns the version that the argument names, even one without a manifest. If the argument names
 * none, it is `current`, or the only version there is. Errors: DATASET_NOT_FOUND,
 * VERSION_NOT_FOUND.
 */
async function findVersion({ store, dataset, selector, explicit }: DatasetPlace): Promise<VersionLocation> {
  const at = (version: string) => ({ output: store.root, dataset, version });
  if (await store.head(refKey(dataset, selector)))
    return (await resolveVersion(store, { dataset, selector })).location;
  if (await store.head(versionLayout(dataset, selector).job)) return at(selector);
  const versions = explicit ? [] : await listVersions(store, dataset);
  if (versions.length === 1) return at(versions[0]!);
  if (versions.length > 1) throw ambiguous(dataset, versions);
  // This fails with an error that says what exists instead.
  return (await resolveVersion(store, { dataset, selector })).location;
}

function ambiguous(dataset: string, versions: readonly string[]): VectormillError {
  return new VectormillError('VERSION_NOT_FOUND', `${dataset} has no ref current and several versions`, {
    component: 'cli',
    remedy: `Name one: ${versions
      .slice(0, 20)
      .map((version) => `${dataset}@${version}`)
      .join(', ')}.`,
  });
}
