import { unlink, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { REJECT_CODES } from '../../../core/document.js';
import { readShard } from '../../../engine/corpus/read-shard.js';
import { collectRecords, corpusOf, documentsIn, optionsOf, plan, read, rejectsIn } from './support.js';

/** The content of a document, which is the same in every format. */
export interface Said {
  text: string;
  title: string;
}

/** A format of a corpus, as the contract needs it. */
export interface CorpusFormat {
  /**
   * Returns the objects of a corpus of these documents, by name; names ascend as the documents do.
   */
  objects(documents: readonly Said[]): Record<string, string | Uint8Array>;
  /** Returns the id that a reader gives the document of this number. */
  idOf(index: number): string;
  /** Returns a document's text as the format has it, where that is not what it says alone. */
  textOf?(said: Said): string;
}

const DOCUMENTS: readonly Said[] = [
  { text: 'Zürich 東京 😀', title: 'One' },
  { text: 'he said "apple", and left; it was $5, or 10% more', title: 'Zwei, drei' },
  { text: "it's a pear | a plum \\ a quince", title: "The third's" },
  { text: 'שלום עולם é é', title: 'ü' },
  { text: 'the last one', title: '5' },
];
/** Less than the records of DOCUMENTS take. */
const SHARD_BYTES = 40;
const LIMIT = 400;

/** Tests what every reader of a corpus promises, whatever the format. */
export function describeCorpusFormat(name: string, { objects, idOf, textOf }: CorpusFormat): void {
  describe(name, () => {
    it('gives the documents in corpus order, each with its id, text and title', async () => {
      const uri = await corpusOf(objects(DOCUMENTS));
      expect(documentsIn(await read({ uri }))).toEqual(
        DOCUMENTS.map((said, index) => ({
          id: idOf(index),
          title: said.title,
          text: textOf?.(said) ?? said.text,
        })),
      );
    });

    it('numbers the records of a shard from 0, and says where in which object each lies', async () => {
      const uri = await corpusOf(objects(DOCUMENTS));
      const shards = await plan({ uri });
      expect(shards).toHaveLength(1);
      const records = await collectRecords(shards, { uri });
      const places = records.map((record) => (record.kind === 'document' ? record : record.reject));
      expect(places.map(({ ordinal }) => ordinal)).toEqual(DOCUMENTS.map((_, index) => index));
      for (const [index, { position }] of places.entries()) {
        expect(position.uri.startsWith(`${uri}/`)).toBe(true);
        const before = places[index - 1]?.position;
        if (before?.uri === position.uri) expect(position.at).toBeGreaterThan(before.at);
      }
    });

    it('gives the same records at every reading, each once, into however many shards it is cut', async () => {
      const uri = await corpusOf(objects(DOCUMENTS));
      const whole = await read({ uri });
      expect(await read({ uri })).toEqual(whole);
      const cut = { uri, shardBytes: SHARD_BYTES };
      expect(documentsIn(await read(cut))).toEqual(documentsIn(whole));
    });

    it('turns away a document over the limit and one without a text, and no other', async () => {
      const documents = [...DOCUMENTS];
      const secret = 'nobody must see this';
      documents[1] = { text: `${secret} `.repeat(100), title: 'long' };
      documents[3] = { text: '  ', title: '' };
      const uri = await corpusOf(objects(documents));
      const records = await read({ uri, maxDocumentBytes: LIMIT });
      expect(documentsIn(records).map(({ id }) => id)).toEqual([0, 2, 4].map(idOf));
      const rejects = rejectsIn(records);
      expect(rejects.map(({ code, ordinal }) => [code, ordinal])).toEqual([
        ['TOO_LARGE', 1],
        ['EMPTY_TEXT', 3],
      ]);
      for (const reject of rejects) {
        expect(REJECT_CODES).toHaveProperty(reject.code);
        expect(reject.position.uri.startsWith(`${uri}/`)).toBe(true);
        expect(JSON.stringify(reject)).not.toContain(secret);
      }
    });

    it('stops with INPUT_CHANGED at an object that is another one than was planned, or gone', async () => {
      const files = objects(DOCUMENTS);
      const last = Object.keys(files).at(-1)!;
      const uri = await corpusOf(files);
      const shards = await plan({ uri });
      const path = fileURLToPath(`${uri}/${last}`);
      await writeFile(path, Buffer.concat([Buffer.from(files[last]!), Buffer.from(' ')]));
      const changed = { code: 'INPUT_CHANGED', file: `${uri}/${last}` };
      await expect(collectRecords(shards, { uri })).rejects.toMatchObject(changed);
      await unlink(path);
      await expect(collectRecords(shards, { uri })).rejects.toMatchObject(changed);
    });

    it('stops with CANCELLED where nobody wants to read on', async () => {
      const uri = await corpusOf(objects(DOCUMENTS));
      const [shard] = await plan({ uri });
      const reading = async () => {
        for await (const _ of readShard(shard!, { ...optionsOf({ uri }), signal: AbortSignal.abort() }));
      };
      await expect(reading()).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  });
}
