import { UNLIMITED_TOKENS } from '../../../core/model-signature.js';
import { loadTokenizer } from '../../tokenizer/hugging-face-tokenizer.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { fingerprintOf } from '../fingerprint.js';
import { sha256OfModelFile } from '../folder/hash-files.js';
import { SafetensorsFile } from '../folder/safetensors.js';
import type { Model } from '../model.js';
import { modelInvalid } from '../model-errors.js';
import type { SignatureOptions } from '../signature-options.js';
import { limitCharacters } from './limit-characters.js';
import type { MeanArithmetic } from './mean-vector.js';
import { type RowTable, tableOf } from './row-table.js';
import { staticEmbedder } from './static-embedder.js';
import { readStaticFolder, type StaticFolder } from './static-folder.js';
import { staticSignature } from './static-signature.js';

/**
 * The least length by which PyTorch's `normalize` divides. model2vec adds 1e-32, which changes no
 * float32.
 */
const SMALLEST_LENGTH = { 'sentence-transformers': 1e-12, model2vec: 0 } as const;

/**
 * Returns a model from a folder of static embeddings. A text's vector is the mean of its tokens'
 * rows, as model2vec or sentence-transformers computes it. Errors: those of `readStaticFolder` and
 * `staticSignature`.
 */
export async function staticModel(location: string, options: SignatureOptions): Promise<Model> {
  const folder = await readStaticFolder(location);
  const space = {
    ...folder,
    weightsSha256: await sha256OfModelFile(folder.weightsFile),
    tokenizerSha256: await sha256OfModelFile(folder.tokenizerFile),
  };
  const signature = staticSignature(space, options);
  const tokenizer = () => openTokenizer(folder, signature.maxTokens);
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    location,
    tokenizer,
    async check() {
      await loadTable(folder, signature.dimensions);
      await tokenizer();
    },
    open: async () =>
      staticEmbedder({
        signature,
        tokenizer: await tokenizer(),
        table: await loadTable(folder, signature.dimensions),
        ignoredId: folder.rules === 'model2vec' ? folder.vocabulary.unknownId : undefined,
        arithmetic: arithmeticOf(folder),
      }),
  };
}

function arithmeticOf({ rules, storedType, normalize }: StaticFolder): MeanArithmetic {
  const places = { 'sentence-transformers': 'everything', model2vec: 'means' } as const;
  return {
    normalize,
    smallestLength: SMALLEST_LENGTH[rules],
    float16: storedType === 'F16' ? places[rules] : 'nothing',
  };
}

/**
 * Opens the tokenizer without special tokens. For model2vec, texts are first cut to as many
 * characters as the limit's tokens have on average (by their median).
 */
async function openTokenizer(folder: StaticFolder, maxTokens: number): Promise<Tokenizer> {
  const tokenizer = await loadTokenizer(folder.tokenizerFolder, { specialTokens: false });
  return folder.rules === 'model2vec' && maxTokens < UNLIMITED_TOKENS
    ? limitCharacters(tokenizer, maxTokens * folder.vocabulary.medianTokenLength)
    : tokenizer;
}

/**
 * Returns the first `dimensions` columns of a folder's embeddings, whatever type they are stored
 * in. model2vec stores int8 without a scale, and adds up the whole numbers. Errors: MODEL_INVALID
 * for NaN, Inf or a mapping to a row that does not exist.
 */
export async function loadTable(folder: StaticFolder, dimensions: number): Promise<RowTable> {
  const { weightsFile, tensor, rows, columns } = folder;
  const file = await SafetensorsFile.open(weightsFile);
  try {
    const read = async (name: string) => {
      const numbers = await file.readNumbers(name);
      const invalid = numbers.findIndex((number) => !Number.isFinite(number));
      if (invalid !== -1) throw modelInvalid(weightsFile, `"${name}" holds NaN or Inf, as number ${invalid}`);
      return numbers;
    };
    const table = tableOf(weightsFile, await read(tensor), columns, dimensions);
    const mapping = file.tensors.has('mapping') ? Uint32Array.from(await read('mapping')) : undefined;
    const outside = mapping?.findIndex((row) => row >= rows) ?? -1;
    if (outside !== -1)
      throw modelInvalid(weightsFile, `"mapping" leads token ${outside} to a row that is not there`);
    const weights = file.tensors.has('weights') ? Float64Array.from(await read('weights')) : undefined;
    return {
      ...table,
      ...(mapping ? { rowOfToken: mapping } : {}),
      ...(weights ? { weights } : {}),
    };
  } finally {
    await file.close();
  }
}
