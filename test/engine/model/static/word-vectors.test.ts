import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findModel, openEmbedder } from '../../../../engine/model/find/find-model.js';
import { parseDecimal } from '../../../../engine/model/static/parse-decimal.js';
import { useTemporaryFolder } from '../temporary-folder.js';

const folder = useTemporaryFolder();
const GLOVE = ['the 1 0 0', 'cat 0 1 -0.5', "'s 0 0 8", 'U.S. 4 0 0', '. 0.25 0 0', 'new york 9 9 9'];

async function writeWords(lines: readonly string[] | Uint8Array, name = 'words.txt'): Promise<string> {
  const file = join(folder.path, `${Math.random()}-${name}`);
  await writeFile(file, Array.isArray(lines) ? `${lines.join('\n')}\n` : (lines as Uint8Array));
  return file;
}

async function vectorOf(source: string, text: string): Promise<number[]> {
  return [...(await (await openEmbedder({ source })).embed([text])).vectors];
}

async function refusalOf(lines: readonly string[] | Uint8Array, name?: string): Promise<unknown> {
  const source = await writeWords(lines, name);
  const refuse = async () => (await findModel({ source })).check();
  return refuse().then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a text file of word vectors', () => {
  it('gives the mean of the words of a text, each as it is written or else in lower case', async () => {
    const source = await writeWords(GLOVE);
    expect(await vectorOf(source, 'the cat')).toEqual([0.5, 0.5, -0.25]);
    expect(await vectorOf(source, 'The CAT')).toEqual([0.5, 0.5, -0.25]);
    expect(await vectorOf(source, 'U.S.')).toEqual([4, 0, 0]);
  });

  it('splits what it lacks into words, endings and signs, and ignores unknown ones', async () => {
    const source = await writeWords(GLOVE);
    expect(await vectorOf(source, '“the cat’s.”')).toEqual([0.3125, 0.25, 1.875]);
    expect(await vectorOf(source, 'the unheard-of cat')).toEqual([0.5, 0.5, -0.25]);
    expect(await vectorOf(source, 'nothing known')).toEqual([0, 0, 0]);
    expect(await vectorOf(source, '')).toEqual([0, 0, 0]);
  });

  it('is read the same with a header, from gzip, with Windows line ends and with spaces at line ends', async () => {
    const plain = await vectorOf(await writeWords(GLOVE), 'the cat .');
    const header = ['6 3', ...GLOVE.map((line) => `${line} `)];
    for (const [lines, name] of [
      [header, 'words.vec'],
      [gzipSync(`${GLOVE.join('\n')}\n`), 'words.txt.gz'],
      [gzipSync(header.join('\r\n')), 'words.vec.gz'],
      [
        [`\ufeff${GLOVE[0]}`, '', ...GLOVE.slice(1).map((line) => line.replaceAll(/ (?=[\d-])/g, '\t'))],
        'words.txt',
      ],
    ] as const)
      expect(await vectorOf(await writeWords(lines, name), 'the cat .')).toEqual(plain);
  });

  it('keeps the first of repeated words, and words with spaces', async () => {
    const { signature } = await findModel({ source: await writeWords([...GLOVE, 'cat 7 7 7']) });
    expect(signature).toMatchObject({ architecture: 'static', dimensions: 3, parameters: { rows: 7 } });
    expect(await vectorOf(await writeWords([...GLOVE, 'cat 7 7 7', 'dog 3 3 3']), 'cat dog')).toEqual([
      1.5, 2, 1.25,
    ]);
  });

  it('takes two counts for a word if the lines after them have as many numbers', async () => {
    expect(await vectorOf(await writeWords(['12 5', '7 3']), '12 7')).toEqual([4]);
  });

  it('keeps the first numbers of each vector if a job asks for fewer', async () => {
    const embedder = await openEmbedder({ source: await writeWords(GLOVE), dimensions: 2 });
    expect([...(await embedder.embed(['cat'])).vectors]).toEqual([0, 1]);
  });

  it('reads at most as many words as the limit allows, known or not', async () => {
    const embedder = await openEmbedder({ source: await writeWords(GLOVE), maxTokens: 2 });
    const { vectors, tokens } = await embedder.embed(['the unheard cat']);
    expect([[...vectors], tokens]).toEqual([[1, 0, 0], 1]);
  });

  it('returns where each word of a text is, so that documents can be cut by words', async () => {
    const tokenizer = await (await findModel({ source: await writeWords(GLOVE) })).tokenizer();
    const text = 'The U.S. 😀 cat’s, unheard';
    const [spans] = await tokenizer.spans([text]);
    const slices = Array.from(spans!.starts, (start, index) => text.slice(start, spans!.ends[index]));
    expect(slices).toEqual(['The', 'U.S.', '😀', 'cat', '’s', ',', 'unheard']);
    const [encoding] = await tokenizer.encode([text], 100);
    expect(encoding!.ids).toHaveLength(slices.length);
    expect((await tokenizer.encode([text], 6))[0]!.truncated).toBe(true);
    expect((await tokenizer.encode([text], 7))[0]!.truncated).toBe(false);
  });
});

describe('a damaged file of word vectors is refused with the line', () => {
  it.each([
    ['too few numbers', ['the 1 2 3', 'cat 1 2', 'mat 1 2 3'], 2],
    ['a value that is no number', ['the 1 2 3', 'mat 1 2 3', 'cat 1 0x2 3'], 3],
    ['NaN', ['the 1 2 3', 'cat 1 nan 3'], 2],
    ['a number beyond float32', ['the 1 2 3', 'cat 1 1e39 3'], 2],
    ['no word', ['the 1 2 3', 'cat 1 2 3', ' 1 2 3'], 3],
  ])('for %s', async (_, lines, position) => {
    const error = await refusalOf(lines);
    expect(error).toMatchObject({ code: 'MODEL_INVALID', position, component: 'model' });
    expect(String(error)).not.toContain('cat');
  });

  it('for a line longer than a megabyte', async () => {
    const error = await refusalOf(['the 1 2 3', 'x'.repeat(1 << 21)]);
    expect(error).toMatchObject({ code: 'MODEL_INVALID', position: 2 });
  });

  it('for fewer words than its header says', async () => {
    const error = await refusalOf(['7 3', ...GLOVE]);
    expect(error).toMatchObject({
      code: 'MODEL_INVALID',
      message: 'the file holds 6 words, its first line says 7',
    });
  });

  it('for a gzip stream that is cut short', async () => {
    const whole = gzipSync(`${GLOVE.join('\n')}\n`);
    const error = await refusalOf(whole.subarray(0, whole.length - 12), 'words.txt.gz');
    expect(error).toMatchObject({ code: 'MODEL_INVALID' });
  });

  it.each([['nothing'], ['a header alone', '5 3'], ['words alone', 'the', 'cat']])(
    'for %s',
    async (_, ...lines) => {
      expect(await refusalOf(lines)).toMatchObject({ code: 'MODEL_INVALID' });
    },
  );
});

describe('a decimal number', () => {
  it('is read from bytes as JavaScript reads it from a string', () => {
    const spelled = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.double({ min: -10, max: 10, noNaN: true }).map((number) => number.toFixed(6)),
      fc.constantFrom('+1', '-0', '.5', '5.', '1E5', '00012.50', '123456789012345678901234567890'),
    );
    fc.assert(
      fc.property(spelled, (text) => {
        expect(parseDecimal(Buffer.from(`x${text}x`), 1, 1 + text.length)).toBe(Number(text));
      }),
    );
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      '-',
      '.',
      'e5',
      '1e',
      '--1',
      '1.2.3',
      '0x1',
      'nan',
      'inf',
      'Infinity',
      '1_0',
      '١',
    ])
      expect(parseDecimal(Buffer.from(text), 0, Buffer.byteLength(text))).toBeNaN();
  });
});
