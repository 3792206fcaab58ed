import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A WordPiece tokenizer of 217 entries, with truncation and padding stored in its file. */
export const TINY_TOKENIZER = fileURLToPath(new URL('../../fixtures/tiny-tokenizer', import.meta.url));

const cache =
  process.env.VECTORMILL_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vectormill');

/** The real model's folder, if it has been pulled. */
export const REAL_TOKENIZER = join(cache, 'models', 'all-MiniLM-L6-v2');

/** Every tokenizer that is available, with a name for the tests. */
export const TOKENIZERS = [
  { name: 'the tiny tokenizer', folder: TINY_TOKENIZER, present: true },
  {
    name: 'the tokenizer of all-MiniLM-L6-v2',
    folder: REAL_TOKENIZER,
    present: existsSync(join(REAL_TOKENIZER, 'tokenizer.json')),
  },
];
