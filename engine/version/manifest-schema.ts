import { z } from 'zod';
import { NAME_PATTERN } from '../../core/name.js';

/**
 * The fields by which readers find the files of a version, and what its rows are. Whoever writes a
 * manifest states more, and so may later releases.
 */
const count = z.int().nonnegative();
const fileFields = { key: z.string().min(1), sha256: z.string(), bytes: count };
const piece = z.looseObject(fileFields);
const pieces = z.array(piece);
const rowKeyText = z.string().regex(/^\d{1,20}$/u);
const rowsOfFile = { ...fileFields, start: count, end: count, firstKey: rowKeyText, lastKey: rowKeyText };
const name = z.string().regex(NAME_PATTERN);

const fields = {
  dataset: name,
  version: name,
  parent: name.nullish(),
  fingerprint: z.string(),
  signature: z.looseObject({ dimensions: z.int().positive() }),
  totals: z.looseObject({ chunks: count }),
  vectors: z.looseObject({ precision: z.string() }).optional(),
};

const corpus = z.looseObject({ slices: pieces, documents: pieces, texts: pieces.optional() });

export const manifestSchema = z.discriminatedUnion('formatVersion', [
  z.looseObject({
    ...fields,
    formatVersion: z.literal(1),
    chunkFiles: z.array(z.looseObject(rowsOfFile)),
    vectorFiles: z.array(z.looseObject(rowsOfFile)),
    rejectFiles: pieces,
  }),
  z.looseObject({
    ...fields,
    formatVersion: z.literal(2),
    origins: z.array(name),
    nextShard: count,
    lists: z.looseObject({
      parts: pieces,
      outputs: z.looseObject({ dense: z.looseObject({ pieces }) }),
      rejects: pieces,
      corpus: corpus.optional(),
    }),
  }),
]);
