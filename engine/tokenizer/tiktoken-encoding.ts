import { createHash } from 'node:crypto';
import type { TiktokenBPE } from 'js-tiktoken/lite';
import type { Ranks } from './byte-pairs.js';

/** OpenAI's encodings, by OpenAI's names. */
export const TIKTOKEN_ENCODINGS = ['cl100k_base', 'o200k_base', 'p50k_base', 'r50k_base'] as const;
export type TiktokenEncoding = (typeof TIKTOKEN_ENCODINGS)[number];

/** An encoding that is ready to be used. */
export interface EncodingTable {
  ranks: Ranks;
  /** Cuts a text into the pieces that are encoded alone. */
  pattern: RegExp;
  /** The number of ids, including those of special tokens. */
  vocabularySize: number;
  /** The sha256, in hex, of the file `<encoding>.tiktoken` that OpenAI publishes. */
  sha256: string;
}

const SOURCES: Record<TiktokenEncoding, () => Promise<{ default: TiktokenBPE }>> = {
  cl100k_base: () => import('js-tiktoken/ranks/cl100k_base'),
  o200k_base: () => import('js-tiktoken/ranks/o200k_base'),
  p50k_base: () => import('js-tiktoken/ranks/p50k_base'),
  r50k_base: () => import('js-tiktoken/ranks/r50k_base'),
};

const loaded = new Map<TiktokenEncoding, Promise<EncodingTable>>();

/** Returns the tables of an encoding, which are read once in a process. */
export function readEncoding(name: TiktokenEncoding): Promise<EncodingTable> {
  const table = loaded.get(name) ?? SOURCES[name]().then(({ default: source }) => tableOf(source));
  loaded.set(name, table);
  return table;
}

function tableOf({ pat_str, special_tokens, bpe_ranks }: TiktokenBPE): EncodingTable {
  const ranks = new Map<string, number>();
  const hash = createHash('sha256');
  for (const line of bpe_ranks.split('\n')) {
    // A line is `! <rank of the first token> <token in base64> …`; the ranks of the other tokens
    // follow in order.
    const [, first, ...tokens] = line.split(' ');
    let lines = '';
    for (const [index, token] of tokens.entries()) {
      const rank = Number(first) + index;
      ranks.set(Buffer.from(token, 'base64').toString('latin1'), rank);
      lines += `${token} ${rank}\n`;
    }
    hash.update(lines);
  }
  return {
    ranks,
    pattern: new RegExp(asRust(pat_str), 'gu'),
    vocabularySize: Math.max(ranks.size, ...Object.values(special_tokens).map((id) => id + 1)),
    sha256: hash.digest('hex'),
  };
}

/**
 * White space is what the Rust library that OpenAI uses takes for it: with U+0085 and without
 * U+FEFF, unlike JavaScript's.
 */
function asRust(pattern: string): string {
  return pattern.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}');
}
