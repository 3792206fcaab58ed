import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import { rangesOf } from '../../core/value-ranges.js';
import { needsRanges, type VectorPrecision } from '../../core/vector-precision.js';
import type { ByteSource } from '../../engine/corpus/byte-source.js';
import type { Embedder, Prompt } from '../../engine/model/embedder.js';
import { inGroups } from '../../engine/model/text-groups.js';
import type { TextVectors } from '../../engine/parquet/text-vector-file.js';
import { assertStorable } from '../../engine/version/assert-storable.js';
import { readTexts } from './read-texts.js';

/**
 * The largest number of bytes of vectors in one output file, because the file is built in memory.
 */
const MAX_VECTOR_BYTES = 448 * 1024 * 1024;

export interface EncodedTexts extends TextVectors {
  /** The number of non-padding tokens, special tokens included. */
  tokens: number;
}

/**
 * Reads `--prompt`, which is the name of one of the model's prompts, or else a text. Errors: USAGE
 * for the name of a prompt that this model does not have.
 */
export function choosePrompt(given: string, { signature }: Embedder): Prompt {
  if (given !== 'query' && given !== 'document') return { text: given };
  if (signature.prompts[given] !== '') return given;
  throw new VectormillError('USAGE', `${signature.name} has no prompt named \`${given}\``, {
    component: 'encode',
    remedy: `Leave --prompt out, or give the text itself: --prompt "${given}: ".`,
  });
}

/**
 * Counts the rows, which finds a bad line before anything is computed. Errors: those of
 * `readTexts`.
 */
export async function countTexts(source: ByteSource): Promise<number> {
  let count = 0;
  for await (const _row of readTexts(source)) count += 1;
  return count;
}

/**
 * Returns the vectors of all rows, in their order. Texts are read and embedded in groups. Errors:
 * INPUT_UNSUPPORTED for more rows than one file may hold, VECTOR_INVALID for values that the
 * precision cannot hold, and those of reading and of the model.
 */
export async function encodeTexts(
  source: ByteSource,
  embedder: Embedder,
  {
    rows,
    prompt,
    precision,
    onRows,
  }: { rows: number; prompt: Prompt; precision: VectorPrecision; onRows: (done: number) => void },
): Promise<EncodedTexts> {
  const { dimensions } = embedder.signature;
  assertFits(source.uri, rows, dimensions);
  const vectors = new Float32Array(rows * dimensions);
  const ids: string[] = [];
  let tokens = 0;
  for await (const group of inGroups(readTexts(source), ({ text }) => text.length)) {
    let done = ids.length;
    const embedded = await embedder.embed(
      group.map(({ text }) => text),
      {
        prompt,
        onProgress: (progress) => {
          done += progress.rows;
          onRows(done);
        },
      },
    );
    assertStorable(embedded.vectors, precision, source.uri);
    vectors.set(embedded.vectors, ids.length * dimensions);
    for (const { id } of group) ids.push(id);
    tokens += embedded.tokens;
  }
  const ranges = needsRanges(precision) ? rangesOf(vectors, dimensions) : undefined;
  return { ids, vectors, dimensions, encoding: { precision, ranges }, tokens };
}

function assertFits(uri: string, rows: number, dimensions: number): void {
  const limit = Math.floor(MAX_VECTOR_BYTES / (4 * dimensions));
  if (rows <= limit) return;
  throw new VectormillError(
    'INPUT_UNSUPPORTED',
    `${uri} holds ${counted(rows, 'text')}; encode takes up to ${limit}`,
    {
      component: 'encode',
      file: uri,
      remedy:
        'Embed it with a job (`vectormill run`), which writes as many files as it needs, or split the input.',
    },
  );
}
