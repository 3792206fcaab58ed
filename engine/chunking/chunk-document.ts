import type { Chunk, ChunkingOptions } from '../../core/chunk.js';
import type { Document } from '../../core/document.js';
import { VectormillError } from '../../core/errors.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { CodePointCounter } from './code-points.js';
import { type Outline, readOutline } from './outline.js';
import { type PrefixAt, prefixesOf } from './prefix.js';
import { type TextSpan, trimSpan } from './span.js';
import { createSpanPlanner, type SpanPlanner } from './span-planner.js';
import { TokenizedText } from './tokenized-text.js';

/**
 * A text with up to this many UTF-16 units for each token of the limit is tried whole before it is
 * cut.
 */
const UNITS_PER_TOKEN_TRIED = 4;

interface Draft {
  document: Document;
  outline: Outline | undefined;
  prefixAt: PrefixAt;
  pieces: Piece[];
}

interface Piece extends TextSpan {
  /** Undefined until the piece's own text has been tokenised. */
  measured?: { nTokens: number; truncated: boolean };
}

/**
 * Cuts documents into chunks of at most `options.maxTokens` tokens, counted by tokenising each
 * chunk's own text. The result is in the order of the documents; a blank document has no chunks.
 * Every character that is not white space lies in a chunk. Chunks are in order, begin and end with
 * something other than white space, and overlap only for `fixed`. `none` gives one chunk, the whole
 * text, whatever its length; with the other strategies a chunk is truncated only if a single code
 * point has too many tokens. A document's chunks do not depend on the documents beside it. Memory
 * grows with the texts passed at once, so pass some megabytes at a time. Errors: JOB_INVALID.
 */
export async function chunkDocuments(
  documents: readonly Document[],
  options: ChunkingOptions,
  tokenizer: Tokenizer,
): Promise<Chunk[][]> {
  checkOptions(options, tokenizer);
  const drafts = await startDrafts(documents, options, tokenizer);
  const measure = (some: readonly Draft[]) => measurePieces(some, options.maxTokens, tokenizer);
  if (options.strategy === 'none') {
    for (const draft of drafts) if (draft.pieces.length > 0) draft.pieces = [wholeOf(draft)];
    await measure(drafts);
  } else {
    const small = drafts.filter(
      ({ document }) => document.text.length <= options.maxTokens * UNITS_PER_TOKEN_TRIED,
    );
    await measure(small);
    const fitting = new Set(small.filter(({ pieces }) => !pieces.some((piece) => piece.measured?.truncated)));
    await cutDrafts(
      drafts.filter((draft) => !fitting.has(draft)),
      options,
      tokenizer,
    );
  }
  return drafts.map(finishDraft);
}

function checkOptions({ maxTokens, overlap }: ChunkingOptions, { specialTokens }: Tokenizer): void {
  const refuse = (message: string, remedy: string) => {
    throw new VectormillError('JOB_INVALID', message, { component: 'chunking', remedy });
  };
  if (!Number.isInteger(maxTokens) || maxTokens <= specialTokens) {
    refuse(
      `chunks of at most ${maxTokens} tokens leave no room beside ${specialTokens} special tokens`,
      'raise the token limit of the chunking',
    );
  }
  if (!Number.isInteger(overlap) || overlap < 0 || overlap > maxTokens / 2) {
    refuse(
      `an overlap of ${overlap} tokens does not suit chunks of at most ${maxTokens}`,
      'use 0 to half of the limit',
    );
  }
}

/**
 * Makes each document one piece, without the white space around it. Blank documents get no piece.
 */
async function startDrafts(
  documents: readonly Document[],
  options: ChunkingOptions,
  tokenizer: Tokenizer,
): Promise<Draft[]> {
  const outlined = options.strategy === 'recursive' || options.prefix.includes('headings');
  const outlines = documents.map(({ text }) => (outlined ? readOutline(text) : undefined));
  const prefixes = await prefixesOf(
    documents.map((document, i) => ({ document, headings: outlines[i]?.headings ?? [] })),
    options,
    tokenizer,
  );
  return documents.map((document, i) => {
    const span = trimSpan(document.text, { start: 0, end: document.text.length });
    return { document, outline: outlines[i], prefixAt: prefixes[i]!, pieces: span ? [span] : [] };
  });
}

function wholeOf({ document }: Draft): Piece {
  return { start: 0, end: document.text.length };
}

/**
 * Cuts each draft's only piece. A piece that has more tokens alone than it had as a part of its
 * document is cut again.
 */
async function cutDrafts(
  drafts: readonly Draft[],
  options: ChunkingOptions,
  tokenizer: Tokenizer,
): Promise<void> {
  const room = options.maxTokens - tokenizer.specialTokens;
  const spans = await tokenizer.spans(drafts.map(({ document }) => document.text));
  let open = drafts.map((draft, i) => {
    const tokenized = new TokenizedText(draft.document.text, spans[i]!);
    const limit = (start: number) => room - draft.prefixAt(start).tokens;
    const planner = createSpanPlanner(tokenized, draft.outline, options, limit);
    draft.pieces = draft.pieces.flatMap((piece) => trimAll(draft, planner.plan(piece)));
    return { draft, planner };
  });
  while (open.length > 0) {
    await measurePieces(
      open.map(({ draft }) => draft),
      options.maxTokens,
      tokenizer,
    );
    open = open.filter(({ draft, planner }) => shrinkPieces(draft, planner));
  }
}

/** Cuts the pieces that are too long, and says whether any piece must now be measured. */
function shrinkPieces(draft: Draft, planner: SpanPlanner): boolean {
  let changed = false;
  const pieces = draft.pieces.flatMap((piece) => {
    if (!piece.measured?.truncated) return [piece];
    const smaller = planner.shrink(piece);
    if (smaller.length === 1) return [piece];
    changed = true;
    return trimAll(draft, smaller);
  });
  draft.pieces = withoutRepeated(pieces);
  return changed;
}

/**
 * Puts the pieces in order and removes those that lie wholly in another one, which an overlap can
 * produce.
 */
function withoutRepeated(pieces: Piece[]): Piece[] {
  let covered = 0;
  return pieces
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .filter(({ end }) => {
      if (end <= covered) return false;
      covered = end;
      return true;
    });
}

function trimAll({ document }: Draft, spans: readonly TextSpan[]): Piece[] {
  return spans.flatMap((span) => trimSpan(document.text, span) ?? []);
}

async function measurePieces(
  drafts: readonly Draft[],
  maxTokens: number,
  tokenizer: Tokenizer,
): Promise<void> {
  const unmeasured = drafts.flatMap((draft) =>
    draft.pieces.filter(({ measured }) => !measured).map((piece) => ({ piece, text: textOf(draft, piece) })),
  );
  const encodings = await tokenizer.encode(
    unmeasured.map(({ text }) => text),
    maxTokens,
  );
  for (const [i, { piece }] of unmeasured.entries()) {
    const { ids, truncated } = encodings[i]!;
    piece.measured = { nTokens: ids.length, truncated };
  }
}

function textOf({ document, prefixAt }: Draft, { start, end }: TextSpan): string {
  return prefixAt(start).text + document.text.slice(start, end);
}

function finishDraft(draft: Draft): Chunk[] {
  // There are two counters because with an overlap a chunk starts before the end of the one before
  // it.
  const starts = new CodePointCounter(draft.document.text);
  const ends = new CodePointCounter(draft.document.text);
  return draft.pieces.map((piece, index) => ({
    index,
    charStart: starts.at(piece.start),
    charEnd: ends.at(piece.end),
    text: textOf(draft, piece),
    ...piece.measured!,
  }));
}
