import { describe, expect, it } from 'vitest';
import { assertRoomBesidePrompt } from '../../../engine/job/prompt-room.js';
import { testSignature } from '../../support/test-embedder.js';
import { testJob } from '../../support/test-job.js';
import { testTokenizer } from '../../support/test-tokenizer.js';

/** The test tokenizer makes one token of each word. */
function check(promptWords: number, chunking: object): Promise<void> {
  const prompts = { query: '', document: 'word '.repeat(promptWords) };
  const job = testJob('/jobs', { chunking }, { ...testSignature, prompts });
  return assertRoomBesidePrompt(job, testTokenizer, '/jobs/job.yaml');
}

describe('a document prompt', () => {
  it('may leave eight tokens, and twice the overlap, of a chunk', async () => {
    await check(0, { max_tokens: 8 });
    await check(12, { max_tokens: 20 });
    await check(12, { strategy: 'fixed', max_tokens: 32, overlap: 10 });
  });

  it.each([
    ['eight tokens', 13, { max_tokens: 20 }, '13 of the 20 tokens of a chunk; 8 must remain'],
    ['anything at all', 500, { max_tokens: 20 }, '30 of the 20 tokens'],
    ['twice the overlap', 13, { strategy: 'fixed', max_tokens: 32, overlap: 10 }, '20 must remain'],
  ])('that does not leave %s is refused before the job starts', async (_, words, chunking, message) => {
    await expect(check(words, chunking)).rejects.toMatchObject({
      code: 'JOB_INVALID',
      message: expect.stringContaining(message),
      file: '/jobs/job.yaml',
    });
  });
});
