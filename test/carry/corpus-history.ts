import fc from 'fast-check';
import type { VectorPrecision } from '../../core/vector-precision.js';
import { type CorpusChange, changeCorpus } from './corpus-changes.js';
import { objectsOf } from './corpus-objects.js';
import {
  CORPUS_FORMATS,
  type CorpusEntry,
  type CorpusFile,
  type CorpusPage,
  type CorpusState,
  FAULTS,
  isPage,
} from './corpus-state.js';

/** A corpus over some nights, and the settings of the jobs that embed it. */
export interface CorpusHistory {
  /** Keys of the job file on all nights. */
  settings: Record<string, unknown>;
  /** The corpus on the first night. */
  first: CorpusState;
  /** The changes before each of the following nights. */
  nights: readonly {
    changes: readonly CorpusChange[];
    /** Keys of the job file on this night that differ from those of the other nights. */
    settings: Record<string, unknown>;
  }[];
}

/** Returns the corpus on each night. */
export function statesOf({ first, nights }: CorpusHistory): CorpusState[] {
  const states = [first];
  for (const { changes } of nights) states.push(changeCorpus(states.at(-1)!, changes));
  return states;
}

const IDS = [...Array.from({ length: 24 }, (_, number) => `d${number}`), 'ä', '\uffee', '\u{1f600}'];
const NAMES = ['a', 'b', 'b-1', 'c/a', 'd', 'm', 'm/n', 'n/o/p', 'x', 'z', 'Ä', '\uffee', '\u{1f600}'];

const page: fc.Arbitrary<CorpusPage> = fc.record({
  id: fc.constantFrom(...IDS),
  title: fc.constantFrom('', 'Mills', 'Wheels'),
  text: fc.nat(80),
  tag: fc.constantFrom('', 'old', 'new'),
});
const entry: fc.Arbitrary<CorpusEntry> = fc.oneof(
  { weight: 8, arbitrary: page },
  { weight: 1, arbitrary: fc.record({ fault: fc.constantFrom(...FAULTS) }) },
);
const name = fc.constantFrom(...NAMES);
const file: fc.Arbitrary<CorpusFile> = fc.record({
  name,
  gzip: fc.nat(5).map((number) => number === 5),
  entries: fc.array(entry, { maxLength: 7, size: 'max' }),
});
const place = fc.nat(60);

const change: fc.Arbitrary<CorpusChange> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ change: fc.constant('add'), file: place, at: place, entry }) },
  { weight: 1, arbitrary: fc.record({ change: fc.constant('add file'), file }) },
  {
    weight: 4,
    arbitrary: fc.record({
      change: fc.constant('edit'),
      page: place,
      to: fc.record(
        {
          // Another id is a document that moved: the content stays.
          id: fc.constantFrom(...IDS),
          title: fc.constantFrom('', 'Stones'),
          text: fc.nat(80),
          tag: fc.constantFrom('', 'newest'),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ change: fc.constant('delete'), entry: place }) },
  { weight: 2, arbitrary: fc.record({ change: fc.constant('move'), entry: place, file: place, at: place }) },
  {
    weight: 3,
    arbitrary: fc.record({
      change: fc.constant('repeat'),
      page: place,
      file: place,
      at: place,
      to: fc.record({ text: fc.nat(80) }, { requiredKeys: [] }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      change: fc.constantFrom('delete file', 'empty', 'compress', 'reverse'),
      file: place,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ change: fc.constantFrom('rename', 'copy file'), file: place, name }),
  },
  { weight: 1, arbitrary: fc.record({ change: fc.constant('rotate'), file: place, by: place }) },
  {
    weight: 1,
    arbitrary: fc.record({ change: fc.constant('format'), format: fc.constantFrom(...CORPUS_FORMATS) }),
  },
) as fc.Arbitrary<CorpusChange>;

// Mostly few and large files, because each that is read or written takes time.
const shardBytes = fc.constantFrom(100_000, 100_000, 800, 800, 250);
const parts = fc.record({ rows: fc.constantFrom(50, 50, 50, 8, 8, 3) });
const chunking = fc.constantFrom(
  { strategy: 'recursive', max_tokens: 16 },
  { strategy: 'sentence', max_tokens: 12, prefix: ['title'] },
  { strategy: 'fixed', max_tokens: 10, overlap: 3 },
  { strategy: 'none' },
);
/** The second kind stops at every deletion, and goes on when it is allowed. */
const limits = fc.constantFrom(
  ...[{ delete_share: 1 }, { delete_share: 0, delete_documents: 0 }].map((limit) => ({
    reject_share: 1,
    concurrency: 3,
    ...limit,
  })),
);
const jobs = fc.record({ shard_bytes: shardBytes, parts, chunking, limits });
/** Rows may be carried over if shards and parts differ, but not if the chunking does. */
const otherJobs = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ shard_bytes: shardBytes, parts }) },
  { weight: 1, arbitrary: fc.record({ chunking }) },
);

const corpora: fc.Arbitrary<CorpusState> = fc
  .record({
    format: fc.constantFrom(...CORPUS_FORMATS),
    files: fc.uniqueArray(file, {
      selector: ({ name: own }) => own,
      minLength: 1,
      maxLength: 8,
      size: 'max',
    }),
  })
  .filter(({ files }) => files.some(({ entries }) => entries.some(isPage)));

/** Makes histories of so many nights, whose jobs store vectors in one of some precisions. */
export function corpusHistories(
  nights: { min: number; max: number },
  precisions: readonly VectorPrecision[] = ['float32'],
): fc.Arbitrary<CorpusHistory> {
  return fc
    .record({
      settings: fc
        .tuple(jobs, fc.constantFrom(...precisions))
        .map(([job, precision]) => ({ ...job, vectors: { precision } })),
      first: corpora,
      nights: fc.array(
        fc.record({ changes: fc.array(change, { maxLength: 6, size: 'max' }), settings: otherJobs }),
        { minLength: nights.min - 1, maxLength: nights.max - 1, size: 'max' },
      ),
    })
    .map((history) => ({ ...history, [fc.toStringMethod]: () => scriptOf(history) }));
}

/**
 * Returns what somebody needs to see of a history that fails: the settings, and for each night the
 * changes and the objects that are other than on the night before.
 */
export function scriptOf(history: CorpusHistory): string {
  let before = new Map<string, Uint8Array>();
  const lines = [`settings ${JSON.stringify(history.settings)}`];
  for (const [night, state] of statesOf(history).entries()) {
    lines.push(`night ${night + 1} ${JSON.stringify(history.nights[night - 1] ?? {})}`);
    const objects = objectsOf(state);
    for (const path of before.keys()) if (!objects.has(path)) lines.push(`  ${path} is gone`);
    for (const [path, bytes] of objects) {
      const old = before.get(path);
      if (old && Buffer.from(old).equals(bytes)) continue;
      const isPlain = /\.(jsonl|csv|txt|md)$/.test(path);
      lines.push(
        `  ${path}: ${isPlain ? JSON.stringify(Buffer.from(bytes).toString()) : `${bytes.length} bytes`}`,
      );
    }
    before = objects;
  }
  return lines.join('\n');
}
