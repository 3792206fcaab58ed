/** Cuts words that need no Unicode rules into word pieces greedily. */
export interface WordPiece {
  /**
   * Returns the ids of a run of printable ASCII without white space. The result is undefined if the
   * run needs the tokenizer's other rules, because of other characters or of an added token such as
   * `[SEP]` inside it.
   */
  idsOf(run: string): number[] | undefined;
}

/** The part of tokenizer.json that is read here. */
interface StoredTokenizer {
  normalizer?: { type?: string; lowercase?: boolean } | null;
  pre_tokenizer?: { type?: string } | null;
  model?: {
    type?: string;
    vocab?: Record<string, number>;
    unk_token?: string;
    continuing_subword_prefix?: string;
    max_input_chars_per_word?: number;
  };
  added_tokens?: readonly {
    content: string;
    normalized: boolean;
    lstrip: boolean;
    rstrip: boolean;
    single_word: boolean;
  }[];
}

const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * To BERT, every printable ASCII character that is not a letter or digit is punctuation and a word
 * of its own.
 */
const WORD = /[A-Za-z0-9]+|[^A-Za-z0-9]/g;
const ONE_WORD = /^[A-Za-z0-9]+$/;

/**
 * Returns the word pieces of a BERT tokenizer, for which white space always separates words. The
 * result is undefined for any other tokenizer, and if an added token is matched by more than its
 * own characters. The rules are those of BertNormalizer, BertPreTokenizer and WordPiece of
 * https://github.com/huggingface/tokenizers, restricted to ASCII.
 */
export function readWordPiece(stored: Readonly<Record<string, unknown>>): WordPiece | undefined {
  const {
    normalizer,
    pre_tokenizer: preTokenizer,
    model,
    added_tokens: added = [],
  } = stored as StoredTokenizer;
  if (normalizer?.type !== 'BertNormalizer' || preTokenizer?.type !== 'BertPreTokenizer') return undefined;
  if (model?.type !== 'WordPiece' || !model.vocab) return undefined;
  const exact = added.every(
    (token) =>
      PRINTABLE_ASCII.test(token.content) &&
      !(token.normalized || token.lstrip || token.rstrip || token.single_word),
  );
  const unknown = model.vocab[model.unk_token ?? '[UNK]'];
  if (!exact || unknown === undefined) return undefined;
  const vocabulary = new Map(Object.entries(model.vocab));
  const prefix = model.continuing_subword_prefix ?? '##';
  const continuing = continuingPieces(vocabulary, prefix);
  let longestPiece = 1;
  for (const piece of vocabulary.keys()) longestPiece = Math.max(longestPiece, piece.length);
  const longest = model.max_input_chars_per_word ?? 100;
  const contents = added.map((token) => token.content);
  const firsts = new Set(contents.map((content) => content[0]!));
  const mayHoldAdded = (run: string) => [...firsts].some((first) => run.includes(first));

  const piecesOf = (word: string, ids: number[]): void => {
    const before = ids.length;
    let start = word.length > longest ? -1 : 0;
    while (start >= 0 && start < word.length) {
      const pieces = start === 0 ? vocabulary : continuing;
      let end = Math.min(word.length, start + longestPiece);
      let id = pieces.get(word.slice(start, end));
      while (id === undefined && end > start + 1) {
        end -= 1;
        id = pieces.get(word.slice(start, end));
      }
      if (id === undefined) start = -1;
      else {
        ids.push(id);
        start = end;
      }
    }
    if (start >= 0) return;
    ids.length = before;
    ids.push(unknown);
  };

  return {
    idsOf(run) {
      if (!PRINTABLE_ASCII.test(run)) return undefined;
      if (mayHoldAdded(run) && contents.some((content) => run.includes(content))) return undefined;
      const folded = normalizer.lowercase === false ? run : run.toLowerCase();
      const ids: number[] = [];
      if (ONE_WORD.test(folded)) piecesOf(folded, ids);
      else for (const word of folded.match(WORD)!) piecesOf(word, ids);
      return ids;
    },
  };
}

/** Returns the pieces that continue a word, without the prefix that marks them. */
function continuingPieces(vocabulary: ReadonlyMap<string, number>, prefix: string): Map<string, number> {
  const continuing = new Map<string, number>();
  for (const [piece, id] of vocabulary)
    if (piece.startsWith(prefix)) continuing.set(piece.slice(prefix.length), id);
  return continuing;
}
