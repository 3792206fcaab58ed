import { join } from 'node:path';
import { VectormillError } from '../../../core/errors.js';
import { loadTokenizer } from '../../tokenizer/hugging-face-tokenizer.js';
import {
  readEncoding,
  TIKTOKEN_ENCODINGS,
  type TiktokenEncoding,
} from '../../tokenizer/tiktoken-encoding.js';
import { loadTiktoken } from '../../tokenizer/tiktoken-tokenizer.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { resolveModel } from '../fetch/resolve-model.js';
import { sha256OfModelFile } from '../folder/hash-files.js';
import type { KnownModel } from './openai-models.js';

/** A tokenizer that was found, and the hash that identifies it. */
export interface FoundTokenizer {
  sha256: string;
  load(): Promise<Tokenizer>;
}

/**
 * Finds the tokenizer of a provider's model. `named` is one of OpenAI's encodings, or the name or
 * folder of a model with a tokenizer.json. Errors: USAGE where neither `named` nor the model's name
 * decides it, MODEL_NOT_FOUND, MODEL_INVALID.
 */
export async function findTokenizer(
  named: string | undefined,
  model: string,
  known: KnownModel | undefined,
): Promise<FoundTokenizer> {
  const encoding = named === undefined ? known?.encoding : TIKTOKEN_ENCODINGS.find((name) => name === named);
  if (encoding !== undefined) return tiktoken(encoding);
  if (named === undefined) throw unknownTokenizer(model);
  const folder = await resolveModel(named);
  return {
    sha256: await sha256OfModelFile(join(folder, 'tokenizer.json')),
    load: () => loadTokenizer(folder),
  };
}

async function tiktoken(encoding: TiktokenEncoding): Promise<FoundTokenizer> {
  const { sha256 } = await readEncoding(encoding);
  return { sha256, load: () => loadTiktoken(encoding) };
}

function unknownTokenizer(model: string): VectormillError {
  return new VectormillError('USAGE', `how ${model} counts tokens is not known`, {
    component: 'model',
    remedy: `Give \`provider.tokenizer\`: the folder or name of a model with its tokenizer.json, or one of ${TIKTOKEN_ENCODINGS.join(', ')}.`,
  });
}
