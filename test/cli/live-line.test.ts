import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { liveLine } from '../../cli/live-line.js';

function terminal(columns: number | undefined): WriteStream {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns, hasColors: () => false });
  return stream as unknown as WriteStream;
}

describe('a live line', () => {
  it.each([1, 20, 80])('is shown on a terminal of %i columns', (columns) => {
    expect(liveLine(terminal(columns), { TERM: 'xterm' })).toBeDefined();
  });

  it('is not shown on a terminal that does not know its width, where it would be cleared without end', () => {
    expect(liveLine(terminal(0), { TERM: 'xterm' })).toBeUndefined();
  });

  it.each([{ TERM: 'dumb' }, { TERM: 'xterm', CI: '1' }])('is not shown with %j', (environment) => {
    expect(liveLine(terminal(80), environment)).toBeUndefined();
  });

  it.each([80, 20])(
    'of %i columns never hides the cursor, and has a colour unless NO_COLOR is set',
    (columns) => {
      const shown = (environment: NodeJS.ProcessEnv) => {
        const stream = terminal(columns);
        Object.assign(stream, {
          hasColors: ({ NO_COLOR }: NodeJS.ProcessEnv) => !NO_COLOR,
          cursorTo: () => true,
          clearLine: () => true,
          moveCursor: () => true,
        });
        const line = liveLine(stream, environment)!;
        line.start('waiting · 1,234 documents · 3 retries');
        line.render();
        line.stop();
        return { written: String((stream as unknown as PassThrough).read()), color: line.color };
      };
      expect(shown({ TERM: 'xterm' }).color).toBe('cyan');
      const plain = shown({ TERM: 'xterm', NO_COLOR: '1' });
      expect(plain.color).toBe(false);
      expect(plain.written).toContain('waiting');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
      expect(plain.written).not.toMatch(/\u001b\[[0-9;]*m|\u001b\[\?25l/);
    },
  );
});
