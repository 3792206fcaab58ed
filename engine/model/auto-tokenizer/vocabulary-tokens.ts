import type { AddedToken, NamedTokens } from './special-tokens.js';
import type { RebuildingClass } from './tokenizer-class.js';

/** An added token with its id. */
export type NumberedToken = AddedToken & { id: number };

/** The ids of a tokenizer's own vocabulary. */
export interface ModelVocabulary {
  size: number;
  idOf(content: string): number | undefined;
}

/** Reads `model.vocab` of tokenizer.json, a mapping or a list. */
export function modelVocabulary(vocab: unknown): ModelVocabulary {
  if (Array.isArray(vocab)) {
    // Only a few tokens are looked up, so that building a mapping of hundreds of thousands would
    // cost more than it saves.
    const idOf = (content: string) =>
      vocab.findIndex((entry) => (Array.isArray(entry) ? entry[0] : entry) === content);
    return {
      size: vocab.length,
      idOf: (content) => {
        const id = idOf(content);
        return id < 0 ? undefined : id;
      },
    };
  }
  const ids = (vocab ?? {}) as Readonly<Record<string, number>>;
  return {
    size: Object.keys(ids).length,
    idOf: (content) => (Object.hasOwn(ids, content) ? ids[content] : undefined),
  };
}

/**
 * Returns the added tokens of the finished tokenizer, by ascending id: `stored`, then the tokens
 * that the folder names, in the order in which transformers 5.24 adds them
 * (`TokenizersBackend.__init__`). A token that is in the vocabulary keeps its id there; any other
 * gets the next free one.
 */
export function addTokens(
  stored: readonly NumberedToken[],
  { roles, extra, numbered }: NamedTokens,
  vocabulary: ModelVocabulary,
  rebuilds: RebuildingClass | undefined,
): NumberedToken[] {
  const tokens = new Map(stored.map((token) => [token.content, token]));
  const add = (token: AddedToken) => {
    if (token.content === '') return;
    const id = tokens.get(token.content)?.id ?? vocabulary.idOf(token.content) ?? nextId(tokens, vocabulary);
    tokens.set(token.content, { ...token, id });
  };
  const named = new Set([...roles.values()].map(({ content }) => content));
  const isStored = (token: AddedToken) => stored.some((other) => isSameToken(other, token));
  const first = numbered.filter((token) => !isStored(token));
  const taken = new Set([...stored, ...first].map(({ content }) => content));
  for (const token of [
    ...first,
    ...[...roles.values(), ...extra].filter(({ content }) => !taken.has(content)),
  ])
    add({ ...token, special: token.special || named.has(token.content) });
  if (rebuilds === 'Qwen2Tokenizer')
    for (const { content } of [...roles.values(), ...extra])
      add({ content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true });
  return [...tokens.values()].sort((a, b) => a.id - b.id);
}

/**
 * Returns whether two tokens are found in texts in the same way. `special` matters only for
 * decoding, and is not compared.
 */
export function isSameToken(a: AddedToken, b: AddedToken): boolean {
  return (
    a.content === b.content &&
    a.single_word === b.single_word &&
    a.lstrip === b.lstrip &&
    a.rstrip === b.rstrip &&
    a.normalized === b.normalized
  );
}

function nextId(tokens: ReadonlyMap<string, NumberedToken>, { size }: ModelVocabulary): number {
  const highest = Math.max(-1, ...[...tokens.values()].map(({ id }) => id));
  return highest >= size ? highest + 1 : size;
}
