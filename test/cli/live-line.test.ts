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
});
