import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DocumentEntry } from '../../../core/document-entry.js';
import type { SecondManifest } from '../../../core/manifest.js';
import { TEXT_HASH_BYTES, type TextEntry } from '../../../core/text-entry.js';
import { contentHash, idHash } from '../../../engine/files/document-hash.js';
import { sha256 } from '../../../engine/files/hash.js';
import { readDocumentListFile, writeDocumentListFile } from '../../../engine/parquet/document-list-file.js';
import { hexAt } from '../../../engine/parquet/list-values.js';
import { readSliceListFile } from '../../../engine/parquet/slice-list-file.js';
import { readTextListFile, writeTextListFile } from '../../../engine/parquet/text-list-file.js';
import { openStore } from '../../../engine/store/open-store.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { readLiveChunks } from '../../../engine/version/live-rows.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';

let folder: string;
let manifest: SecondManifest;

const pathOf = (key: string) => join(folder, 'out', key);
const open = () => resolveVersion(openStore(join(folder, 'out')), { dataset: 'test', selector: 'v1' });
const listed = (): DocumentEntry[] =>
  manifest.lists.corpus!.documents.flatMap(({ key }) => readDocumentListFile(readFileSync(pathOf(key)), key));

beforeEach(async () => {
  folder = temporaryFolder();
  const repeated = { _id: 'a-3', text: 'another text under the same id' };
  writeCorpus(folder, {
    'a.jsonl': [...documents(8, 20, 'a'), '{"broken"'],
    'b.jsonl': [repeated, ...documents(6, 60, 'b'), { ...(documents(1, 20, 'a')[0] as object), _id: 'c' }],
  });
  manifest = (await runJob(testProcess(), testJob(folder))) as SecondManifest;
});

describe('what a version knows of its corpus', () => {
  test('is every slice in the order of the corpus, with what it holds', () => {
    const slices = manifest.lists.corpus!.slices.flatMap(({ key }) =>
      readSliceListFile(readFileSync(pathOf(key)), key),
    );
    const byObject = new Map<string, { documents: number; rejects: number }>();
    for (const { uri, documents: count, rejects } of slices) {
      const name = uri.split('/').at(-1)!;
      const before = byObject.get(name) ?? { documents: 0, rejects: 0 };
      byObject.set(name, { documents: before.documents + count, rejects: before.rejects + rejects });
    }
    expect(Object.fromEntries(byObject)).toEqual({
      'a.jsonl': { documents: 8, rejects: 1 },
      'b.jsonl': { documents: 7, rejects: 1 },
    });
    expect(slices.every(({ unit }) => unit === 'byte')).toBe(true);
    expect(slices.map(({ uri }) => uri)).toEqual(slices.map(({ uri }) => uri).sort());
  });

  test('is how long its values are, and by which Unicode data it was cut', () => {
    const { longest, unicode } = manifest.lists.corpus!;
    expect(unicode).toEqual([`unicode ${process.versions.unicode}, icu ${process.versions.icu}`]);
    expect(longest).toMatchObject({ id: 3, metadata: 0 });
    expect(longest.text).toBeGreaterThan(30);
    expect(manifest.nextShard).toBe(manifest.totals.shards);
  });

  test('is every document with the hash of its content, its place and its rows', async () => {
    const version = await open();
    const rows = new Map<string, { firstKey: bigint; chunks: number; tokens: number }>();
    for (const part of version.parts)
      for (const { docId, rowKey, nTokens } of await readLiveChunks(version, part)) {
        const own = rows.get(docId) ?? { firstKey: rowKey, chunks: 0, tokens: 0 };
        rows.set(docId, { ...own, chunks: own.chunks + 1, tokens: own.tokens + nTokens });
      }
    const entries = listed();
    expect(entries.filter(({ firstKey }) => firstKey !== undefined)).toHaveLength(15);
    for (const [docId, expected] of rows)
      expect(entries).toContainEqual(expect.objectContaining({ idHash: idHash(docId), ...expected }));
    const repeats = entries.filter(({ firstKey }) => firstKey === undefined);
    expect(repeats).toEqual([
      expect.objectContaining({
        idHash: idHash('a-3'),
        contentHash: contentHash({ id: 'any', text: 'another text under the same id' }),
        at: 0,
        chunks: 0,
      }),
    ]);
    const ids = entries.map((entry) => entry.idHash);
    expect(ids).toEqual([...ids].sort());
  });

  test('is every text once, with the least of its rows', async () => {
    const version = await open();
    const least = new Map<string, bigint>();
    let rows = 0;
    for (const part of version.parts)
      for (const { textSha256, rowKey } of await readLiveChunks(version, part)) {
        rows += 1;
        if (!least.has(textSha256)) least.set(textSha256, rowKey);
      }
    expect(least.size).toBeLessThan(rows);
    const [piece] = manifest.lists.corpus!.texts!;
    const { hashes, rowKeys } = readTextListFile(readFileSync(pathOf(piece!.key)), piece!.key);
    const expected = [...least].sort(([a], [b]) => (a < b ? -1 : 1));
    expect([...rowKeys]).toEqual(expected.map(([, key]) => key));
    expect(Buffer.from(hashes).toString('hex')).toBe(expected.map(([hash]) => hash.slice(0, 32)).join(''));
    expect(piece!.rows).toBe(least.size);
    const repeats = manifest.lists.corpus!.repeats!;
    expect(repeats.reduce((sum, { rows: listedRows }) => sum + listedRows, 0)).toBe(rows - least.size);
  });

  test('names a content by text, title and metadata, and not by the id', () => {
    const content = { id: '1', text: 'text', title: 'title', metadata: { b: 1, a: [2] } };
    const same = contentHash({ ...content, id: '2', metadata: { a: [2], b: 1 } });
    expect(contentHash(content)).toBe(same);
    const { title: _, ...untitled } = content;
    const { metadata: __, ...bare } = content;
    const others = [
      untitled,
      bare,
      { ...content, text: 'texts' },
      { ...content, title: 'titl', text: 'etext' },
    ];
    expect(new Set([same, ...others.map(contentHash)]).size).toBe(5);
  });

  test('is held to the chunk files by verify', async () => {
    const path = pathOf(manifest.lists.corpus!.documents[0]!.key);
    const differencesOf = async (edited: readonly DocumentEntry[]) => {
      const bytes = writeDocumentListFile(edited, {});
      writeFileSync(path, bytes);
      const [piece] = manifest.lists.corpus!.documents;
      const listedPiece = { ...piece, sha256: sha256(bytes), bytes: bytes.length, rows: edited.length };
      const lists = {
        ...manifest.lists,
        corpus: { ...manifest.lists.corpus, documents: [listedPiece] },
      };
      writeFileSync(pathOf('test/versions/v1/manifest.json'), JSON.stringify({ ...manifest, lists }));
      return (await verifyVersion(await open(), undefined)).differences.map(({ what }) => what);
    };
    const entries = listed();
    const [first, ...rest] = entries;
    expect(await differencesOf(entries)).toEqual([]);
    const other = 'lists other documents than the chunk files hold';
    expect(await differencesOf(rest)).toEqual(expect.arrayContaining([other]));
    expect(await differencesOf([{ ...first!, idHash: `00${first!.idHash.slice(2)}` }, ...rest])).toContain(
      other,
    );
    expect(await differencesOf([{ ...first!, firstKey: 77n }, ...rest])).toContain(other);
    expect(await differencesOf([{ ...first!, tokens: 1_000 }, ...rest])).toEqual([
      expect.stringMatching(/^counts \d+ tokens; its list of documents has \d+$/),
    ]);
    expect(await differencesOf([...rest, first!])).toContain('lists documents in another order');
  });

  test('is held to the texts of the chunk files, too', async () => {
    const [piece] = manifest.lists.corpus!.texts!;
    const list = readTextListFile(readFileSync(pathOf(piece!.key)), piece!.key);
    const texts: TextEntry[] = Array.from(list.rowKeys, (rowKey, row) => ({
      textHash: hexAt(list.hashes, row, TEXT_HASH_BYTES),
      rowKey,
    }));
    const differencesOf = async (edited: readonly TextEntry[]) => {
      const bytes = writeTextListFile(edited, {});
      writeFileSync(pathOf(piece!.key), bytes);
      const rewritten = { ...piece, sha256: sha256(bytes), bytes: bytes.length, rows: edited.length };
      const corpus = { ...manifest.lists.corpus, texts: [rewritten] };
      const edit = { ...manifest, lists: { ...manifest.lists, corpus } };
      writeFileSync(pathOf('test/versions/v1/manifest.json'), JSON.stringify(edit));
      return (await verifyVersion(await open(), undefined)).differences.map(({ what }) => what);
    };
    const [first, ...rest] = texts;
    expect(await differencesOf(texts)).toEqual([]);
    expect(await differencesOf(rest)).toEqual([expect.stringMatching(/^lists no text of \d+ rows?$/)]);
    expect(await differencesOf([{ ...first!, rowKey: 2n ** 40n }, ...rest])).toEqual([
      'lists 1 text for rows that have others',
    ]);
    expect(await differencesOf([...rest, first!])).toContain('lists texts in another order');
  });

  test('is held to the other rows of these texts, too', async () => {
    const [piece] = manifest.lists.corpus!.repeats!;
    const list = readTextListFile(readFileSync(pathOf(piece!.key)), piece!.key);
    const textHash = hexAt(list.hashes, 0, TEXT_HASH_BYTES);
    const bytes = writeTextListFile([{ textHash, rowKey: list.rowKeys[0]! + 1n }], {});
    writeFileSync(pathOf(piece!.key), bytes);
    const rewritten = { ...piece, sha256: sha256(bytes), bytes: bytes.length, rows: 1 };
    const corpus = { ...manifest.lists.corpus, repeats: [rewritten] };
    const edit = { ...manifest, lists: { ...manifest.lists, corpus } };
    writeFileSync(pathOf('test/versions/v1/manifest.json'), JSON.stringify(edit));
    const { differences } = await verifyVersion(await open(), undefined);
    expect(differences.map(({ what }) => what)).toEqual(['lists 1 text for rows that have others']);
  });
});
