import { isVectormillError, VectormillError } from '../../core/errors.js';
import { pinKey } from '../../core/layout.js';
import type { Pin } from '../../core/retention/pin.js';
import { DEFAULT_RETENTION } from '../../core/retention/retention-policy.js';
import {
  type CollectionForecast,
  type CollectionWish,
  collect,
  forecastCollection,
} from '../../engine/retention/collect.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { listPins } from '../../engine/version/pins.js';
import { findDataset, outputOption } from '../dataset-argument.js';
import type { CommandDefinition } from '../define-command.js';
import { forecastLines, outcomeLine } from '../gc/gc-lines.js';
import { interruptible } from '../interruptible.js';
import { printPaused } from '../job/pause.js';
import { repeated, timeSpan, wholeNumber } from '../option-values.js';
import { showProgress } from '../progress.js';
import { typedCommand } from '../typed-command.js';

const { keep, history } = DEFAULT_RETENTION;

export const gcCommand: CommandDefinition = {
  examples: [
    'vectormill gc handbook',
    'vectormill gc handbook --keep 7 --age 30d --delete',
    'vectormill gc s3://bucket/prefix/handbook --history 1 --json',
  ],
  options: [
    outputOption,
    { flags: '--delete', description: 'delete what is shown (without it, nothing is written)' },
    {
      flags: '--keep <n>',
      description: 'newest finished versions to keep, whatever their age',
      fallback: keep,
      parse: wholeNumber(0, 1_000_000),
    },
    {
      flags: '--age <span>',
      description: 'keep versions that were finished less than this ago, such as 12h or 30d (default: 7d)',
      parse: timeSpan,
    },
    {
      flags: '--history <n>',
      description: 'moves of each ref, the present one included, whose versions are kept',
      fallback: history,
      parse: wholeNumber(1, 100),
    },
    {
      flags: '--grace <span>',
      description: 'time for readers between the announcement and the deletion (default: 1h)',
      parse: timeSpan,
    },
    {
      flags: '--unfinished <version>',
      description: 'also delete this version, which is not finished; may be repeated',
      parse: repeated,
    },
    {
      flags: '--unfinished-after <span>',
      description: 'also delete versions that were begun this long ago and are not finished',
      parse: timeSpan,
    },
    {
      flags: '--release <job>',
      description: 'remove the pin of a job that will not go on; may be repeated',
      parse: repeated,
    },
  ],
  async run(input) {
    const { options, json, words } = input;
    const stores = storeCache();
    const progress = showProgress('deleted', 'objects', json);
    try {
      const { store, dataset } = await findDataset(input, stores.open);
      const released = (options.release as string[] | undefined) ?? [];
      const pins = await listPins(store, dataset);
      for (const job of released) if (!pins.some((pin) => pin.job === job)) throw noPin(dataset, job, pins);
      const wish = wishOf(options);
      const place = { output: store.root, dataset, released };
      const now = Date.now();
      let forecast = await forecastCollection(store, dataset, wish, now);
      assertUnfinished(dataset, wish, forecast);
      if (released.length > 0) {
        for (const job of released) await store.delete(pinKey(dataset, job));
        forecast = await forecastCollection(store, dataset, wish, now);
      }
      if (options.delete !== true) {
        const { versions, deleting, unneeded } = forecast;
        const left = pins.filter(({ job }) => !released.includes(job));
        if (json) console.log(JSON.stringify({ ...place, versions, deleting, unneeded, pins: left }));
        else console.log(forecastLines(dataset, forecast, left).join('\n'));
        return 0;
      }
      return await interruptible(async ({ signal, by }) => {
        try {
          const onDeleted = (files: number) => progress.update(files, forecast.unneeded.files);
          const outcome = await collect(store, dataset, wish, { signal, onDeleted });
          progress.stop();
          console.log(json ? JSON.stringify({ ...place, ...outcome }) : outcomeLine(dataset, outcome));
          return 0;
        } catch (error) {
          if (!signal.aborted || !isVectormillError(error) || error.code !== 'CANCELLED') throw error;
          progress.stop();
          const work = {
            name: `The collection of ${dataset}`,
            json: { dataset },
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

function wishOf(options: Readonly<Record<string, unknown>>): CollectionWish {
  return {
    policy: {
      keep: options.keep as number,
      history: options.history as number,
      ageMs: (options.age as number | undefined) ?? DEFAULT_RETENTION.ageMs,
      graceMs: (options.grace as number | undefined) ?? DEFAULT_RETENTION.graceMs,
      unfinishedAfterMs: options.unfinishedAfter as number | undefined,
    },
    dropped: (options.unfinished as string[] | undefined) ?? [],
  };
}

/**
 * Checks that each version to be dropped is one that is not finished. Errors: VERSION_NOT_FOUND.
 */
function assertUnfinished(
  dataset: string,
  { dropped }: CollectionWish,
  { versions, deleting }: CollectionForecast,
): void {
  const unfinished = versions
    .filter(({ finishedAt }) => finishedAt === undefined)
    .map(({ version }) => version);
  const unknown = dropped.find((version) => !unfinished.includes(version) && !deleting.includes(version));
  if (unknown === undefined) return;
  throw new VectormillError('VERSION_NOT_FOUND', `${dataset} has no unfinished version ${unknown}`, {
    component: 'cli',
    remedy:
      unfinished.length > 0
        ? `Unfinished versions there: ${unfinished.join(', ')}. Finished ones go by --keep, --age and --history.`
        : 'None is unfinished there. Finished versions go by --keep, --age and --history.',
  });
}

function noPin(dataset: string, job: string, pins: readonly Pin[]): VectormillError {
  const names = pins.map((pin) => pin.job);
  return new VectormillError('USAGE', `${dataset} has no pin of a job ${JSON.stringify(job)}`, {
    component: 'cli',
    remedy: names.length > 0 ? `Pins there: ${names.join(', ')}.` : 'Leave --release out.',
  });
}
