import { basename } from 'node:path';
import { UNLIMITED_TOKENS } from '../../../core/model-signature.js';
import { sha256 } from '../../files/hash.js';
import { fingerprintOf } from '../fingerprint.js';
import type { Model } from '../model.js';
import type { SignatureOptions } from '../signature-options.js';
import { staticEmbedder } from './static-embedder.js';
import { staticSignature } from './static-signature.js';
import { WORD_RULES, WordTokenizer } from './word-tokenizer.js';
import { readWordVectors, readWordVectorsShape } from './word-vectors-file.js';

const EXTENSION = /\.(txt|vec)(\.gz)?$/i;

/** Returns whether a file's name says that it may hold word vectors as text. */
export function isWordVectors(location: string): boolean {
  return EXTENSION.test(location);
}

/**
 * Returns a model from a text file of word vectors. A text's vector is the mean of its words'
 * vectors, and is not normalised. Errors: those of `readWordVectorsShape` and `staticSignature`.
 */
export async function wordVectorsModel(file: string, options: SignatureOptions): Promise<Model> {
  const shape = await readWordVectorsShape(file);
  const signature = staticSignature(
    {
      name: basename(file).replace(EXTENSION, ''),
      rules: WORD_RULES,
      rows: shape.rows,
      columns: shape.columns,
      storedType: 'text',
      weightsSha256: shape.sha256,
      // The words are part of the file itself, so that only the rules are left of a tokenizer.
      tokenizerSha256: sha256(WORD_RULES),
      normalize: false,
      maxTokens: UNLIMITED_TOKENS,
      prompts: { query: '', document: '' },
      similarity: {},
    },
    options,
  );
  let loading: ReturnType<typeof readWordVectors> | undefined;
  const load = () => {
    loading ??= readWordVectors(file, shape, signature.dimensions);
    return loading;
  };
  const tokenizer = async () => new WordTokenizer((await load()).words);
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    location: file,
    tokenizer,
    async check() {
      await load();
    },
    async open() {
      const words = await tokenizer();
      return staticEmbedder({
        signature,
        tokenizer: words,
        table: (await load()).table,
        ignoredId: words.unknownId,
        arithmetic: { normalize: false, smallestLength: 0, float16: 'nothing' },
      });
    },
  };
}
