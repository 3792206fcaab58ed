import { beforeEach, describe, expect, test } from 'vitest';
import type { Embedder } from '../../engine/model/embedder.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { keepRows } from '../support/dead-rows.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testEmbedder } from '../support/test-embedder.js';
import { testTokenizer } from '../support/test-tokenizer.js';
import { contentDifferences, contentFaults } from './compare-contents.js';
import { type CorpusChange, changeCorpus } from './corpus-changes.js';
import { CorpusNights, placeInMemory } from './corpus-nights.js';
import { type CorpusState, textOf } from './corpus-state.js';
import { CONTENT_QUERIES } from './every-night.js';
import { contentOf, ownRowsOf, type VersionContent } from './version-content.js';

beforeEach(() => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
});

const CORPUS: CorpusState = {
  format: 'jsonl',
  files: [
    {
      name: 'a',
      gzip: false,
      entries: [
        { id: 'd1', title: 'Mills', text: 6, tag: 'old' },
        { id: 'd2', title: '', text: 1, tag: '' },
        { fault: 'syntax' },
      ],
    },
    {
      name: 'b',
      gzip: false,
      entries: [
        { id: 'd3', title: '', text: 1, tag: '' },
        { id: 'd1', title: '', text: 4, tag: '' },
        { id: 'd4', title: '', text: 2, tag: '' },
      ],
    },
  ],
};

interface Altered {
  changes?: readonly CorpusChange[];
  embedder?: Embedder;
  damage?: (version: ReadableVersion) => Promise<ReadableVersion>;
}

/** Returns the content of a version of the corpus, altered or as it is. */
async function contentWith({ changes = [], embedder, damage }: Altered = {}): Promise<VersionContent> {
  const nights = new CorpusNights(
    {},
    { ...placeInMemory(), ...(embedder && { model: { embedder, tokenizer: testTokenizer } }) },
  );
  const { whole } = await nights.next(changeCorpus(CORPUS, changes));
  return contentOf(damage ? await damage(whole) : whole, CONTENT_QUERIES);
}

/** Returns the subjects in which an altered content differs from the content as it is. */
async function alteredSubjects(altered: Altered): Promise<string[]> {
  const differences = contentDifferences(await contentWith(altered), await contentWith());
  return differences.map((line) => line.slice(0, line.indexOf(': ')));
}

/** Changes one number of the vector of one text by the least that is possible. */
function slightlyOther(text: string): Embedder {
  const embedder = testEmbedder();
  return {
    ...embedder,
    embed: async (texts, options) => {
      const result = await embedder.embed(texts, options);
      const place = texts.indexOf(text);
      const bits = new Uint32Array(result.vectors.buffer);
      if (place >= 0) bits[place * embedder.signature.dimensions]! ^= 1;
      return result;
    },
  };
}

/** Lets the first row of a version live no more. */
async function withoutFirstRow({ store, location }: ReadableVersion): Promise<ReadableVersion> {
  const { dataset, version } = location;
  await keepRows(store, { dataset, version }, ({ start, end }, place) => [
    { start: place === 0 ? start + 1 : start, end },
  ]);
  return resolveVersion(store, { dataset, selector: version });
}

const DENSE = `dense search for ${CONTENT_QUERIES[0]!.query}`;

test('two versions of the same corpus do not differ, whatever shards and parts they have', async () => {
  const content = await contentWith();
  expect(contentFaults(content)).toEqual([]);
  const nights = new CorpusNights({ shard_bytes: 60, parts: { rows: 1 } }, placeInMemory());
  const { whole } = await nights.next(CORPUS);
  expect(whole.manifest.totals.shards).toBeGreaterThan(3);
  expect(contentDifferences(await contentOf(whole, CONTENT_QUERIES), content)).toEqual([]);
  const own = await ownRowsOf(whole);
  expect(own).toMatchObject({
    chunks: whole.manifest.totals.chunks,
    documents: new Set(['d1', 'd2', 'd3', 'd4']),
  });
});

describe('a version that differs is found by', () => {
  test('one bit of a vector', async () => {
    const subjects = await alteredSubjects({ embedder: slightlyOther(textOf(2)) });
    expect(subjects).toContain('vector of d4#0');
    expect(subjects.filter((subject) => !/^(dense|vector)/.test(subject))).toEqual([]);
  });

  test('a row that does not live, which verify finds as well', async () => {
    const subjects = ['chunk d1#0', 'vector of d1#0', DENSE];
    expect(await alteredSubjects({ damage: withoutFirstRow })).toEqual(expect.arrayContaining(subjects));
    expect(contentFaults(await contentWith({ damage: withoutFirstRow }))).not.toEqual([]);
  });

  test.each<[string, CorpusChange, string[]]>([
    ['a tag', { change: 'edit', page: 0, to: { tag: '' } }, ['chunk d1#0', 'chunk d1#1']],
    ['a title', { change: 'edit', page: 1, to: { title: 'Wheels' } }, ['chunk d2#0']],
    [
      'a text',
      { change: 'edit', page: 1, to: { text: 7 } },
      ['chunk d2#0', 'vector of d2#0', DENSE, 'totals'],
    ],
    ['an id', { change: 'edit', page: 1, to: { id: 'd9' } }, ['chunk d2#0', 'chunk d9#0', DENSE]],
    ['a reject', { change: 'delete', entry: 2 }, ['counts of rejects', 'rejects']],
    ['the record that has an id', { change: 'move', entry: 0, file: 1, at: 3 }, ['chunk d1#0', 'rejects']],
    ['an object', { change: 'rename', file: 1, name: 'c' }, ['objects', 'rejects']],
  ])('%s', async (_, change, subjects) => {
    expect(await alteredSubjects({ changes: [change] })).toEqual(expect.arrayContaining(subjects));
  });

  test('hits in another order, and facts that are missing or occur twice', async () => {
    const content = await contentWith();
    const altered = (subject: string, facts: readonly string[]) => new Map([...content, [subject, facts]]);
    const [first, second, ...others] = content.get(DENSE)!;
    expect(contentDifferences(altered(DENSE, [second!, first!, ...others]), content)).toHaveLength(1);
    expect(contentDifferences(altered('rejects', content.get('rejects')!.slice(1)), content)).toHaveLength(1);
    const twice = [...content.get('chunk d2#0')!, ...content.get('chunk d2#0')!];
    expect(contentFaults(altered('chunk d2#0', twice))).toEqual(['chunk d2#0 occurs 2 times']);
  });
});
