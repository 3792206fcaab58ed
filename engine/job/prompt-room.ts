import { counted } from '../../core/counted.js';
import { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import { promptTokens } from '../chunking/chunk-rows.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** The fewest tokens to which a chunk may be limited, with or without a prompt. */
export const MIN_CHUNK_TOKENS = 8;

/**
 * Checks that the document prompt, which is put before each chunk and takes some of its tokens,
 * leaves enough room.
 * Errors: JOB_INVALID if too few tokens are left for text, or fewer than the overlap needs.
 */
export async function assertRoomBesidePrompt(
  job: JobRecord,
  tokenizer: Tokenizer,
  file: string,
): Promise<void> {
  const { maxTokens, overlap } = job.spec.chunking;
  const taken = await promptTokens(tokenizer, job);
  const least = Math.max(MIN_CHUNK_TOKENS, 2 * overlap);
  if (taken === 0 || maxTokens - taken >= least) return;
  throw new VectormillError(
    'JOB_INVALID',
    `${file}: the document prompt takes ${taken} of the ${counted(maxTokens, 'token')} of a chunk; ${least} must remain`,
    {
      component: 'job',
      file,
      remedy: 'Shorten `model.prompts.document`, or change `chunking.max_tokens` or `chunking.overlap`.',
    },
  );
}
