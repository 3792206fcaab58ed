import { readFile } from 'node:fs/promises';
import { Tokenizer as NativeTokenizer } from 'tokenizers';
import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';

/** The part of tokenizer.json that is read here; the native code checks the rest. */
interface StoredTokenizer {
  truncation?: { direction?: string } | null;
  added_tokens?: readonly { id: number; special: boolean }[] | null;
}

/** A tokenizer.json: the file, or the values that replace it. */
export interface TokenizerSource {
  file: string;
  /** Undefined if the file is used as it is. */
  values: Readonly<Record<string, unknown>> | undefined;
}

/** A tokenizer.json after it has been read. */
export interface NativeFile {
  /** The native tokenizer, which truncates and pads nothing. */
  native: NativeTokenizer;
  specialIds: ReadonlySet<number>;
  /** The file that errors name. */
  file: string;
  /** The file's values. */
  stored: Readonly<Record<string, unknown>>;
}

/**
 * Reads tokenizer.json for the native code, either from its path or from values that were made with
 * the files beside it.
 * Errors: MODEL_INVALID (absent or damaged), MODEL_UNSUPPORTED (a path whose file truncates from
 * the left).
 */
export async function readNative(source: string | TokenizerSource): Promise<NativeFile> {
  const { file, values } = typeof source === 'string' ? { file: source, values: undefined } : source;
  let text: string;
  try {
    text = values === undefined ? await readFile(file, 'utf8') : JSON.stringify(values);
  } catch (cause) {
    throw new VectormillError('MODEL_INVALID', `the model's tokenizer cannot be read: ${file}`, {
      component: 'tokenizer',
      remedy: 'give a sentence-transformers folder that holds tokenizer.json',
      file,
      cause,
    });
  }
  let native: NativeTokenizer;
  let declared: StoredTokenizer;
  try {
    declared = JSON.parse(text) as StoredTokenizer;
    native = NativeTokenizer.fromString(text);
  } catch (cause) {
    throw new VectormillError('MODEL_INVALID', `the model's tokenizer is damaged: ${file}`, {
      component: 'tokenizer',
      remedy: 'fetch the model again; tokenizer.json must be what Hugging Face tokenizers writes',
      file,
      cause,
    });
  }
  if (typeof source === 'string' && declared.truncation?.direction === 'Left') {
    throw new VectormillError('MODEL_UNSUPPORTED', `the tokenizer truncates from the left: ${file}`, {
      component: 'tokenizer',
      remedy: 'use a model that truncates from the right',
      file,
    });
  }
  native.disableTruncation();
  native.disablePadding();
  const special = (declared.added_tokens ?? []).filter((token) => token.special);
  return { native, specialIds: new Set(special.map(({ id }) => id)), file, stored: { ...declared } };
}

/**
 * Returns the ids that the post-processor puts around one text, found by encoding a text of one
 * letter.
 * Errors: MODEL_UNSUPPORTED if that letter has no token, because then nothing tells the ids before
 * it from those after it.
 */
export async function readTemplate(
  native: NativeTokenizer,
  file: string,
): Promise<{ before: number[]; after: number[] }> {
  const probe = await native.encode('a', null, { addSpecialTokens: true }).catch(cannotEncode(file));
  const ids = probe.getIds();
  const mask = probe.getSpecialTokensMask();
  const first = mask.indexOf(0);
  const last = mask.lastIndexOf(0);
  if (first < 0)
    throw new VectormillError('MODEL_UNSUPPORTED', `the tokenizer has no token for the letter a: ${file}`, {
      component: 'tokenizer',
      remedy: 'use a model whose tokenizer knows Latin letters, or has a token for what it does not know',
      file,
    });
  return { before: ids.slice(0, first), after: ids.slice(last + 1) };
}

/**
 * Turns what the native code throws over a text into an error. An example is a vocabulary without
 * the unknown token.
 */
export function cannotEncode(file?: string): (cause: unknown) => never {
  return (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VectormillError('MODEL_INVALID', `the model's tokenizer cannot tokenise a text: ${reason}`, {
      component: 'tokenizer',
      remedy: 'fetch the model again; tokenizer.json and the files beside it must be of one tokenizer',
      ...(file === undefined ? {} : { file }),
      cause,
    });
  };
}

/** Returns the error for a token limit that leaves no room beside the special tokens. */
export function limitTooSmall(maxTokens: number, file: string): VectormillError {
  return new VectormillError('USAGE', `a limit of ${counted(maxTokens, 'token')} leaves no room for text`, {
    component: 'tokenizer',
    remedy: 'raise the token limit above the number of special tokens',
    file,
  });
}
