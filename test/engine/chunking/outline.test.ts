import { describe, expect, it } from 'vitest';
import { type Outline, readOutline } from '../../../engine/chunking/outline.js';

/** Returns the first line at each position. */
function lines(text: string, positions: readonly number[]): string[] {
  return positions.map((at) => text.slice(at).split(/\r?\n/, 1)[0]!);
}

function titles({ headings }: Outline): string[] {
  return headings.map(({ level, title }) => `${level} ${title}`);
}

describe('the outline of a Markdown text', () => {
  it.each([
    ['number signs', '# One\ntext\n### Three', ['1 One', '3 Three']],
    ['closing number signs', '# One ##\n## C#\n# #', ['1 One', '2 C#', '1 ']],
    ['CRLF', '# One\r\n\r\ntext\r\n## Two\r\n', ['1 One', '2 Two']],
    ['underlines', 'One\n===\n\nTwo\n---\ntext', ['1 One', '2 Two']],
    ['a byte order mark', '\ufeff# One', ['1 One']],
    ['up to three spaces', '   # One\n    # code', ['1 One']],
  ])('has headings made with %s', (_name, text, expected) => {
    expect(titles(readOutline(text))).toEqual(expected);
  });

  it.each([
    ['no space', '#hashtag'],
    ['seven signs', '####### seven'],
    ['a fence of backticks', '```\n# comment\n```'],
    ['a fence of tildes, not closed by backticks', '~~~\n```\n# comment\n~~~'],
    ['a longer fence, not closed by a shorter one', '````\n```\n# comment\n````'],
    ['a fence that is never closed', '```sh\n# comment\n\n# comment'],
    ['a rule after a paragraph of two lines', 'one\ntwo\n---'],
    ['a rule after a list item', '- one\n---'],
    ['two rules', '---\n---'],
    ['a line of 2,000 letters', `# ${'a'.repeat(2000)}`],
  ])('has no heading in %s', (_name, text) => {
    expect(titles(readOutline(text))).toEqual([]);
  });

  it('goes on after a fence is closed', () => {
    expect(titles(readOutline('```\n# no\n```\n# yes'))).toEqual(['1 yes']);
  });

  it('has blocks where a paragraph or a fence begins', () => {
    const text = 'first\ngoes on\n\n\nsecond\n```\ncode\n\ncode\n```\nafter\n\n- item\n- item\n';
    const outline = readOutline(text);
    expect(lines(text, outline.blocks)).toEqual(['first', 'second', '```', 'after', '- item']);
    expect(lines(text, outline.items)).toEqual(['code', 'code', '- item']);
  });

  it('has items where a row of a table begins', () => {
    const text = 'text\n| a | b |\n|---|---|\n| 1 | 2 |';
    expect(lines(text, readOutline(text).items)).toEqual(['| a | b |', '|---|---|', '| 1 | 2 |']);
  });

  it('glues a heading to what follows, even if it is another heading', () => {
    const text = '# One\n\n## Two\n\n```\ncode\n```\n## Three\ntext';
    const outline = readOutline(text);
    expect(lines(text, [...outline.glued])).toEqual(['## Two', '```', 'text']);
    expect(outline.blocks).toEqual([]);
  });

  it('of a blank text is empty', () => {
    for (const text of ['', '\n\n', ' \r\n\t'])
      expect(readOutline(text)).toEqual({ headings: [], blocks: [], items: [], glued: new Set() });
  });
});
