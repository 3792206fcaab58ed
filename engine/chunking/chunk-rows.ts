import type { ChunkRow } from '../../core/chunk.js';
import type { Document } from '../../core/document.js';
import { chunkId } from '../../core/ids.js';
import type { JobRecord } from '../../core/job-spec.js';
import { sha256 } from '../files/hash.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { chunkDocuments } from './chunk-document.js';

/** A document and its record's number within the shard. */
export interface NumberedDocument {
  ordinal: number;
  document: Document;
}

/** A chunk row that has no place among the shard's rows yet. */
export interface UnplacedRow {
  row: Omit<ChunkRow, 'rowKey'>;
  ordinal: number;
  /** Whether it is its document's last chunk. */
  last: boolean;
}

/** Returns how many tokens of every row the model's document prompt takes. */
export async function promptTokens(tokenizer: Tokenizer, job: JobRecord): Promise<number> {
  const [encoding] = await tokenizer.encode([job.signature.prompts.document], job.signature.maxTokens);
  return Math.max(0, (encoding?.ids.length ?? 0) - tokenizer.specialTokens);
}

/** Cuts documents into rows, in document order. */
export async function chunkRows(
  documents: readonly NumberedDocument[],
  tools: { job: JobRecord; tokenizer: Tokenizer; promptTokens: number },
): Promise<UnplacedRow[]> {
  const { job, tokenizer } = tools;
  const options = { ...job.spec.chunking, maxTokens: job.spec.chunking.maxTokens - tools.promptTokens };
  const chunked = await chunkDocuments(
    documents.map(({ document }) => document),
    options,
    tokenizer,
  );
  return documents.flatMap(({ ordinal, document }, index) => {
    const chunks = chunked[index]!;
    const metadata = document.metadata && JSON.stringify(document.metadata);
    return chunks.map((chunk) => ({
      ordinal,
      last: chunk.index === chunks.length - 1,
      row: {
        chunkId: chunkId(document.id, chunk.index),
        docId: document.id,
        chunkIndex: chunk.index,
        charStart: chunk.charStart,
        charEnd: chunk.charEnd,
        nTokens: chunk.nTokens + tools.promptTokens,
        truncated: chunk.truncated,
        textSha256: sha256(chunk.text),
        text: chunk.text,
        ...(document.title === undefined ? {} : { title: document.title }),
        ...(metadata === undefined ? {} : { metadata }),
      },
    }));
  });
}
