import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { htmlToText } from '../../../engine/corpus/html-text.js';
import { corpusOf, documentsIn, outline, read, rejectsIn } from './support.js';

it('one object is one document, named by its path below the input', async () => {
  const uri = await corpusOf({
    'README.md': '\ufeff# The title #\n\nBody.\n',
    'guide/100% a#b?c.txt': 'Plain text.\n',
    'guide/page.HTML': '<title>Page</title><p>One<p>Two',
    'guide/section.rst': '=====\nStart\n=====\n\nText.',
    'z.md.gz': gzipSync('Setext\n======\n'),
  });
  expect(documentsIn(await read({ uri: `${uri}/` }))).toEqual([
    { id: 'README.md', title: 'The title', text: '# The title #\n\nBody.\n' },
    { id: 'guide/100% a#b?c.txt', text: 'Plain text.\n' },
    { id: 'guide/page.HTML', title: 'Page', text: 'One\n\nTwo' },
    { id: 'guide/section.rst', title: 'Start', text: '=====\nStart\n=====\n\nText.' },
    { id: 'z.md.gz', title: 'Setext', text: 'Setext\n======\n' },
  ]);
});

it.each([
  ['front matter and code are no headings', '---\ntitle: x\n# y\n---\n```\n# code\n```\n## Real\n', 'Real'],
  ['a text without a heading has no title', 'Just text.\n\n- a\n---\n', undefined],
  ['a heading of another level counts', 'Some text\n\n### Third **bold**\n', 'Third **bold**'],
])('Markdown titles: %s', async (_, content, title) => {
  const uri = await corpusOf({ 'a.md': content });
  expect(documentsIn(await read({ uri }))[0]?.title).toBe(title);
});

it('binary, blank, non-UTF-8 and oversized objects are quarantined under their path', async () => {
  const uri = await corpusOf({
    'a.txt': Buffer.from([0x41, 0, 0x42]),
    'b.txt': Buffer.from('caf\xe9', 'latin1'),
    'c.txt': ' \n\t\n',
    'd.html': '<html><script>only()</script></html>',
    'e.txt': 'x'.repeat(2000),
    'f.txt.gz': gzipSync('x'.repeat(2000)),
    'g.txt': Buffer.from('\ufeffUTF-16', 'utf16le'),
    'h.txt': 'fine',
  });
  const records = await read({ uri, maxDocumentBytes: 1000 });
  expect(outline(records)).toEqual([
    'INVALID_UTF8',
    'INVALID_UTF8',
    'EMPTY_TEXT',
    'EMPTY_TEXT',
    'TOO_LARGE',
    'TOO_LARGE',
    'INVALID_UTF8',
    'h.txt',
  ]);
  expect(rejectsIn(records)[0]).toMatchObject({ id: 'a.txt', position: { unit: 'byte', at: 0 }, ordinal: 0 });
});

it('HTML becomes the text of the page, with blocks on their own lines, headings as in Markdown, and entities decoded', () => {
  const html = `<!doctype html><html><head><meta charset=utf-8><title> A &amp;
      B </title><style>p { color: red }</style><script>if (a < b) { run("<p>no</p>") }</script>
    <body><nav><a href=/>Home</a> <a href=/x>Docs</a></nav>
    <h1>Main <em>heading</em></h1><p>First&nbsp;line,
       wrapped <b>bold</b>text.<br>Second line.</p>
    <ul><li>one</li><li>two <i>three</i></li></ul>
    <table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>
    <pre>  keep
    this</pre><h2>Sub</h2>Loose &lt;text&gt;<noscript>no</noscript>`;
  expect(htmlToText(html)).toEqual({
    title: 'A & B',
    text: [
      'Home Docs',
      '# Main heading',
      'First\u00a0line, wrapped boldtext.\nSecond line.',
      'one\ntwo three',
      'a b\nc',
      '  keep\n    this',
      '## Sub',
      'Loose <text>',
    ].join('\n\n'),
  });
});

it('a page without a title takes its first heading as the title, and broken markup still gives its text', () => {
  expect(htmlToText('<h2></h2><h2>One\n<br>two</h2><p>x')).toEqual({
    title: 'One two',
    text: '## One two\n\nx',
  });
  expect(htmlToText('</div></script><p>a<b>c</p></i>d <').text).toBe('ac\n\nd <');
  expect(htmlToText('')).toEqual({ title: undefined, text: '' });
});
