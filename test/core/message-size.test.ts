import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isVectormillError, type VectormillError } from '../../core/errors.js';
import { assertSendable, MAX_MESSAGE_BYTES } from '../../core/message-size.js';

const paths = (bytes: number) => Array.from({ length: bytes / 100 }, () => 'p'.repeat(97));

function refusalOf(value: object): VectormillError | undefined {
  try {
    assertSendable(value, { what: 'the job', file: 'job.yaml' });
    return undefined;
  } catch (error) {
    if (isVectormillError(error)) return error;
    throw error;
  }
}

test.each([
  [{ spec: { input: { include: paths(3e6), exclude: [] } } }, 'input.include'],
  [{ spec: { input: { include: [], exclude: paths(3e6) } } }, 'input.exclude'],
  [{ spec: { input: { columns: { metadata: paths(3e6) } } } }, 'input.columns.metadata'],
  [{ spec: { model: { prompts: { document: 'a'.repeat(3e6) } } } }, 'model.prompts.document'],
  [{ spec: { model: { provider: { keyEnv: 'A'.repeat(3e6) } } } }, 'model.provider.key_env'],
  [{ name: 'nightly', job: { spec: { input: { include: paths(3e6) } } } }, 'job.input.include'],
])('a record that is too large is refused with the field that makes it so', (record, field) => {
  const refusal = refusalOf(record);
  expect(refusal).toMatchObject({ code: 'JOB_INVALID', file: 'job.yaml' });
  expect(refusal?.message).toMatch(
    /^job\.yaml: the job takes 3,0.* bytes, and Temporal takes 1,900,000 at most; /,
  );
  expect(refusal?.message).toContain(`\`${field}\` holds `);
});

test('where two lists take the room together, the field that contains both is named', () => {
  const input = { include: paths(1.2e6), exclude: paths(1.2e6) };
  expect(refusalOf({ spec: { input } })?.message).toContain('`input` holds 2,4');
});

test('bytes are counted, not characters, and a value at the limit is accepted', () => {
  fc.assert(
    fc.property(fc.constantFrom('a', 'é', '向', '😀'), fc.boolean(), (character, isOver) => {
      const around = JSON.stringify({ text: '' }).length;
      const room = MAX_MESSAGE_BYTES - around;
      const size = Buffer.byteLength(character);
      const filled = character.repeat(Math.floor(room / size)) + 'x'.repeat(room % size);
      expect(refusalOf({ text: isOver ? `${filled}x` : filled }) !== undefined).toBe(isOver);
    }),
    { numRuns: 8 },
  );
});
