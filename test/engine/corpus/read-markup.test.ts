import { expect, test } from 'vitest';
import { htmlToText } from '../../../engine/corpus/html-text.js';
import { xhtmlToText } from '../../../engine/corpus/xhtml-text.js';
import { corpusOf, documentsIn, read } from './support.js';

const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';

function xhtml(body: string, head = '<title>T</title>'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<html ${XHTML}><head>${head}</head><body>${body}</body></html>`;
}

test('the extension decides whether an object is XML or HTML', async () => {
  const page = xhtml('<p>apple pear</p>', '<title/>');
  const uri = await corpusOf({ 'a.xhtml': `\ufeff${page}`, 'b.html': page, 'c.html': xhtml('<p>river</p>') });
  expect(documentsIn(await read({ uri }))).toEqual([
    { id: 'a.xhtml', text: 'apple pear' },
    { id: 'c.html', title: 'T', text: 'river' },
  ]);
});

test.each([
  ['title, script and style', '<p>a</p>', '<title/><script src="a.js"/><style/>', 'a'],
  [
    'whatever else HTML does not allow to be',
    '<iframe/>a<select/>b<textarea/>c<i/>d<div/>e<noscript/>f',
    '',
    'a b cd\nef',
  ],
  ['void ones, as a pair or alone', 'a<br/>b<br></br>c<hr/>d', '', 'a\nb\nc\n\nd'],
])('XHTML may have empty-element tags: %s', (_, body, head, text) => {
  expect(xhtmlToText(xhtml(body, head)).text).toBe(text);
});

test.each([
  [
    'CDATA sections are text, with entities as they are',
    '<p><![CDATA[apple <b> &amp; data]]></p>',
    'apple <b> &amp; data',
  ],
  [
    'scripts are silent, marked up or not',
    '<script><![CDATA[ if (a<b) ]]></script>x<script>a &lt; b</script>',
    'x',
  ],
  ['comments and instructions are no text', '<!-- <p>no</p> --><?x a > b ?><p>yes</p>', 'yes'],
  [
    "references are to HTML's entities, without a DTD, too",
    '<p>a&nbsp;&hearts; &#8212; &#x41;</p>',
    'a\u00a0♥ — A',
  ],
  ['what every object has is no entity', '<p>&constructor; &__proto__;</p>', '&constructor; &__proto__;'],
  ['hidden elements are not shown', '<p hidden="">no</p><template><p>no</p></template><p>yes</p>', 'yes'],
  [
    'pictures are silent, whatever their prefix',
    'a<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:title>no</s:title></s:svg>b',
    'a b',
  ],
  ['other vocabularies are mere text', '<x:p xmlns:x="urn:x">a<x:script>b</x:script></x:p>', 'ab'],
])('in XHTML %s', (_, body, text) => {
  expect(xhtmlToText(xhtml(body))).toEqual({ title: 'T', text });
});

test('XHTML may name its namespace by a prefix, or have none', () => {
  const page =
    '<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:title>T</h:title><h:h1>One</h:h1><h:script>no</h:script><h:p>two</h:p></h:html>';
  expect(xhtmlToText(page)).toEqual({ title: 'T', text: '# One\n\ntwo' });
  expect(xhtmlToText(page.replace(/ xmlns:h="[^"]*"/, '').replaceAll('h:', ''))).toEqual({
    title: 'T',
    text: '# One\n\ntwo',
  });
});

test('XHTML may declare entities of its own, and the first declaration counts', () => {
  const doctype = '<!DOCTYPE html [<!ENTITY who "J. &amp; &copy; <Doe>"> <!ENTITY who "no">]>';
  expect(xhtmlToText(`${doctype}<html ${XHTML}><p>&who;&who;</p></html>`).text).toBe(
    'J. & © <Doe>J. & © <Doe>',
  );
});

test('an entity may stand for others, declared before or after it', () => {
  const doctype =
    '<!DOCTYPE html [<!ENTITY full "&co; &amp;co; &#65;"><!ENTITY co "ACME &inc;"><!ENTITY inc "Inc.">]>';
  expect(xhtmlToText(`${doctype}<html ${XHTML}><p>&full;</p></html>`).text).toBe('ACME Inc. &co; A');
});

test.each([
  ['that stands for itself', '<!ENTITY a "&b;"><!ENTITY b "&a;">', '&a;'],
  [
    'that doubles again and again',
    Array.from({ length: 60 }, (_, n) => `<!ENTITY e${n} "&e${n + 1};&e${n + 1};">`).join(''),
    '&e0;',
  ],
  ['of a long text, many times', `<!ENTITY a "${'x'.repeat(100_000)}">`, '&a;'.repeat(100_000)],
])('an entity %s is read as a browser would read HTML', (_, entities, body) => {
  const page = `<!DOCTYPE html [${entities}]><html ${XHTML}><p>${body}</p><p>pear</p></html>`;
  expect(xhtmlToText(page).text.endsWith(`${body}\n\npear`)).toBe(true);
});

test.each([
  ['an element that is not closed', '<p>a<br>b</p><p>c', 'a\nb\n\nc'],
  ['a bare ampersand and an unknown entity', '<p>a & b &foo;</p>', 'a & b &foo;'],
  ['two dashes in a comment', '<!-- a -- b --><p>c</p>', 'c'],
  ['a prefix without a namespace', '<p x:y="1">a</p>', 'a'],
  ['something before the declaration', '<p>a</p>', 'a'],
])(
  'XHTML with %s is read as HTML, in which empty elements and CDATA sections still count',
  (_, body, text) => {
    const page = xhtml(`${body}<script/><p><![CDATA[x > y]]></p>`, '<title/>');
    expect(xhtmlToText(_.startsWith('something') ? ` ${page}` : page)).toEqual({
      title: undefined,
      text: `${text}\n\nx > y`,
    });
  },
);

test.each([
  ['a declaration of XML', '<?xml version="1.0"?><!DOCTYPE html><p>a', 'a'],
  ['CDATA, a comment up to the first bracket', 'a<![CDATA[ no > yes ]]>b', 'a yes ]]>b'],
  [
    'paragraphs, items and cells that are not closed',
    '<p>a<p>b<ul><li>c<li>d</ul><table><tr><td>e<td>f<tr><td>g</table>',
    'a\n\nb\n\nc\nd\n\ne f\ng',
  ],
  ['a comment that is never closed', 'a<!-- b<p>c', 'a'],
  ['a script that is never closed', 'a<script>b<p>c', 'a'],
  ['elements that cannot be empty', 'a<div/>b<script/>c</script>d', 'a\nbd'],
  ['plain text to the end', 'a<plaintext>b</p>  <c>', 'a\n\nb</p>  <c>'],
  ['entities without a semicolon', 'a&copyb &amp c &notit;', 'a©b & c ¬it;'],
  ['a text area', 'a<textarea>b <p></textarea>c', 'a b <p> c'],
  ['a picture that is never closed', 'a<svg><text>no<p>b</p>c', 'a\n\nb\n\nc'],
  ['HTML in a picture', '<svg><foreignObject><p>no</p></foreignObject></svg>a', 'a'],
  [
    'raw text for those without scripts, whatever opens in it',
    '<head><noscript><iframe src="x"/></noscript></head>a<NOSCRIPT ><style><!-- <title><b></NoScript >b',
    'ab',
  ],
  [
    'words for those without scripts that are never closed, or are no element',
    '<!-- <noscript> -->a<script>"<noscript>"</script>b</noscript>c<noscript><iframe></noscript>d<noscript>no',
    'abcd',
  ],
  [
    'what is shown only elsewhere',
    '<div hidden>no<p>no</div><video>no</video><noembed>no</noembed>a<ruby>b<rp>(</rp></ruby>',
    'ab',
  ],
])('HTML with %s', (_, html, text) => {
  expect(htmlToText(html).text).toBe(text);
});

test('the first title that is not empty is the title', () => {
  const titles = '<title> </title><title>One</title><svg><title>no</title></svg><title>Two</title>';
  expect(htmlToText(`${titles}<p>a`)).toEqual({ title: 'One', text: 'a' });
});

test('raw text for browsers without scripts is skipped below many open elements, too', () => {
  const html = `${'<b>'.repeat(2000)}a<noscript><iframe></noscript>b${'<i>'.repeat(2000)}c`;
  expect(htmlToText(html).text).toBe('abc');
});

test('a page of nothing but opening tags takes time linear in its length', () => {
  const html = `<title>T</title>${'<b>'.repeat(300_000)}<h1>x</h1>`;
  expect(htmlToText(html)).toEqual({ title: 'T', text: '# x' });
  expect(xhtmlToText(xhtml(html, ''))).toEqual({ title: 'T', text: '# x' });
});
