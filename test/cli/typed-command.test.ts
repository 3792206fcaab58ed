import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { typedCommand } from '../../cli/typed-command.js';

describe('a command line to type', () => {
  test('begins with npx where npx started this process', () => {
    expect(typedCommand(['list'], {})).toBe('vectormill list');
    expect(typedCommand(['list'], { npm_command: 'exec' })).toBe('npx vectormill list');
    expect(typedCommand(['list'], { npm_command: 'run-script' })).toBe('vectormill list');
  });

  test('quotes what a shell would change, and nothing else', () => {
    expect(typedCommand(['embed', './my docs', "it's", '$HOME', '--top', '3', 's3://b/p@v1'], {})).toBe(
      "vectormill embed './my docs' 'it'\\''s' '$HOME' --top 3 s3://b/p@v1",
    );
  });

  test('is read by a shell as the words that it was made of', () => {
    const word = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const line = typedCommand(words, {}).replace(/^vectormill/, "printf '%s\\0'");
        const bytes = execFileSync('sh', ['-c', line], { encoding: 'utf8' });
        expect(bytes.split('\0').slice(0, -1)).toEqual(words.map((text) => text.toWellFormed()));
      }),
      { numRuns: 50 },
    );
  });
});
