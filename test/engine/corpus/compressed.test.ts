import { deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decompress } from '../../../engine/corpus/decompress.js';
import { corpusOf, outline, plan, read, rejectsIn } from './support.js';

const ROWS = '{"_id":"1","text":"a"}\n\n{"_id":"2","text":"é"}\nnope\n{"_id":"3","text":"c"}\n';

/** Made by the reference tool: `zstd -19` over ROWS, and over `ROWS` repeated 400 times. */
const ZSTD_ROWS = 'KLUv/QRorQEAdAJ7Il9pZCI6IjEiLCJ0ZXh0IjoiYSJ9Cgoyw6kifQpub3BlM2MifQoEAGALoMqBfVlijgEmNl9O';
const ZSTD_MANY =
  'KLUv/QRozQEAdAJ7Il9pZCI6IjEiLCJ0ZXh0IjoiYSJ9Cgoyw6kifQpub3BlM2MifQoFAHH2EzYBeIHSB/ZliTkGyBLr+g==';
/** The same rows in blocks, without the length of their content and with a checksum. */
const ZSTD_CHECKSUM =
  'KLUv/QRY8AAAeyJfaWQiOiIxIiwidGV4dCI6ImEifQoKeyJfaWQi7QAAkDoiMsOpIn0Kbm9wZQozYyJ9CgMAYAusCNptDgEmNl9O';
/** A skippable frame (RFC 8878, 3.1.2) of 3 bytes. */
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

it('gzip and zstd are recognised by their extension, and positions are counted in lines', async () => {
  const uri = await corpusOf({
    'a.jsonl.gz': gzipSync(ROWS),
    'b.jsonl.zst': Buffer.from(ZSTD_ROWS, 'base64'),
  });
  const records = await read({ uri });
  expect(outline(records)).toEqual(['1', '2', 'BAD_JSON', '3', '1', '2', 'BAD_JSON', '3']);
  expect(rejectsIn(records)[1]?.position).toEqual({ uri: `${uri}/b.jsonl.zst`, unit: 'row', at: 3 });
});

it('several gzip members or zstd frames form one stream', async () => {
  const frame = Buffer.from(ZSTD_ROWS, 'base64');
  const uri = await corpusOf({
    'a.jsonl.gz': Buffer.concat([gzipSync(ROWS), gzipSync(ROWS)]),
    'b.jsonl.zst': Buffer.concat([frame, SKIPPABLE, frame]),
  });
  expect(outline(await read({ uri })).join()).toBe(Array(4).fill('1,2,BAD_JSON,3').join());
});

it('thousands of tiny zstd frames form one stream', async () => {
  // A frame of a single segment with one raw block, which is its last.
  const row = Buffer.from('{"_id":"1","text":"a"}\n');
  const frame = Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, row.length, (row.length << 3) | 1, 0, 0]),
    row,
  ]);
  const uri = await corpusOf({ 'a.jsonl.zst': Buffer.concat(Array(20_000).fill(frame)) });
  expect(await read({ uri })).toHaveLength(20_000);
});

it('zstd pieces of any size give the same bytes', async () => {
  const compressed = Buffer.from(ZSTD_MANY, 'base64');
  for (const size of [1, 2, 3, 7, 64, compressed.length]) {
    const pieces: Uint8Array[] = [];
    for await (const piece of decompress(inPieces(compressed, size), 'zstd', 'file:///a')) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe(ROWS.repeat(400));
  }
});

it.each([
  ['a gzip object cut short', 'a.jsonl.gz', gzipSync(ROWS.repeat(100)).subarray(0, -12)],
  ['bytes that are no gzip', 'a.jsonl.gz', Buffer.from(ROWS)],
  ['a zstd object cut short', 'a.jsonl.zst', Buffer.from(ZSTD_MANY, 'base64').subarray(0, -12)],
  ['a zstd object cut in its header', 'a.jsonl.zst', Buffer.from(ZSTD_MANY, 'base64').subarray(0, 3)],
  ['bytes that are no zstd', 'a.jsonl.zst', Buffer.from(ROWS)],
])('%s is INPUT_DAMAGED and names the object', async (_, name, content) => {
  const uri = await corpusOf({ [name]: content });
  await expect(read({ uri })).rejects.toMatchObject({ code: 'INPUT_DAMAGED', file: `${uri}/${name}` });
});

it('a gzip object with a damaged checksum is INPUT_DAMAGED', async () => {
  const damaged = gzipSync(ROWS);
  damaged[damaged.length - 6]! ^= 1;
  const uri = await corpusOf({ 'a.jsonl.gz': damaged });
  await expect(read({ uri })).rejects.toMatchObject({ code: 'INPUT_DAMAGED' });
});

it.each([
  [
    'a zstd window of 256 MiB',
    'KLUv/QCQrQEAdAJ7Il9pZCI6IjEiLCJ0ZXh0IjoiYSJ9Cgoyw6kifQpub3BlM2MifQoEAGALoMqBfVlijgE=',
    ['256 MiB', '--long=28'],
    '--long=27',
  ],
  [
    'a zstd dictionary',
    'KLUv/SFNTCUBABOBA95LgajwBS90wftLxML7BvwAogBgIOXvVaYQ1/jhIPF3Dw==',
    ['dictionary', '77'],
    'without a dictionary',
  ],
])('%s is refused, and the error says what to do', async (_, bytes, message, remedy) => {
  // The frame is also tried after another one.
  for (const frames of [[bytes], [ZSTD_ROWS, bytes]]) {
    const content = Buffer.concat(frames.map((frame) => Buffer.from(frame, 'base64')));
    const uri = await corpusOf({ 'a.jsonl.zst': content });
    const error = read({ uri });
    for (const part of message)
      await expect(error).rejects.toMatchObject({
        code: 'INPUT_UNSUPPORTED',
        message: expect.stringContaining(part),
        remedy: expect.stringContaining(remedy),
      });
  }
});

it('a zstd window of 128 MiB is read', async () => {
  const frame = 'KLUv/QCIrQEAdAJ7Il9pZCI6IjEiLCJ0ZXh0IjoiYSJ9Cgoyw6kifQpub3BlM2MifQoEAGALoMqBfVlijgE=';
  const uri = await corpusOf({ 'a.jsonl.zst': Buffer.from(frame, 'base64') });
  expect(outline(await read({ uri })).join()).toBe('1,2,BAD_JSON,3');
});

it.each([
  ['gzip cut short', 'gz', gzipSync(ROWS).subarray(0, -12), 'ends too early'],
  ['gzip with another checksum', 'gz', flipped(gzipSync(ROWS), -6), 'checksum'],
  ['gzip before other bytes', 'gz', Buffer.concat([gzipSync(ROWS), Buffer.from('xyz')]), 'after its last'],
  ['text named as gzip', 'gz', Buffer.from(ROWS), 'not in the gzip format'],
  ['zlib named as gzip', 'gz', deflateSync(ROWS), 'not in the gzip format'],
  ['gzip inside gzip', 'gz', gzipSync(gzipSync(ROWS)), 'compressed twice'],
  ['zstd cut short', 'zst', Buffer.from(ZSTD_ROWS, 'base64').subarray(0, -12), 'ends too early'],
  ['zstd with another checksum', 'zst', flipped(Buffer.from(ZSTD_CHECKSUM, 'base64'), -1), 'checksum'],
  ['zstd before other bytes', 'zst', Buffer.from(`${ZSTD_CHECKSUM}eHg=`, 'base64'), 'after its last'],
  ['text named as zstd', 'zst', Buffer.from(ROWS), 'not in the zstd format'],
])('the error for %s names the cause', async (_, ending, content, cause) => {
  const uri = await corpusOf({ [`a.jsonl.${ending}`]: content });
  await expect(read({ uri })).rejects.toMatchObject({ message: expect.stringContaining(cause) });
});

it('zero bytes between and after gzip members are padding', async () => {
  const [padding, member] = [Buffer.alloc(700), gzipSync(ROWS)];
  const uri = await corpusOf({ 'a.jsonl.gz': Buffer.concat([member, padding, member, padding]) });
  expect(outline(await read({ uri })).join()).toBe(Array(2).fill('1,2,BAD_JSON,3').join());
});

it('empty gzip members and all fields of a header are read', async () => {
  const fields = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 0x1c, 0, 0, 0, 0, 0, 3, 3, 0, 1, 0x1f, 0x8b]),
    Buffer.from('name\0comment\0'),
  ]);
  const named = Buffer.concat([fields, gzipSync(ROWS).subarray(10)]);
  const uri = await corpusOf({ 'a.jsonl.gz': Buffer.concat([gzipSync(''), named, gzipSync('')]) });
  expect(outline(await read({ uri })).join()).toBe('1,2,BAD_JSON,3');
});

it.each([
  ['a.jsonl', gzipSync(ROWS), '.gz'],
  ['a.csv', gzipSync('id,text\n1,a\n'), '.gz'],
  ['a.json', Buffer.from(ZSTD_ROWS, 'base64'), '.zst'],
  ['a.jsonl', Buffer.from('BZh91AY&SY\0\0'), 'bzip2'],
])('a compressed object whose name does not say so is refused by name: %s', async (name, content, named) => {
  const uri = await corpusOf({ [name]: content });
  await expect(read({ uri })).rejects.toMatchObject({
    code: 'INPUT_UNSUPPORTED',
    file: `${uri}/${name}`,
    message: expect.stringContaining(named),
  });
});

it('a compressed text whose name does not say so costs only itself', async () => {
  const uri = await corpusOf({ 'a.html': gzipSync('<p>a</p>'), 'b.html': '<p>b</p>' });
  const records = await read({ uri });
  expect(outline(records)).toEqual(['INVALID_UTF8', 'b.html']);
  expect(rejectsIn(records)[0]!.reason).toContain('gzip');
});

it.each(['a.jsonl.bz2', 'a.jsonl.xz', 'a.csv.lz4', 'a.md.br', 'a.jsonl.zip', 'a.jsonl.deflate', 'a.jsonl.Z'])(
  'an object in a compression that cannot be read is refused, not left out: %s',
  async (name) => {
    const uri = await corpusOf({ 'b.jsonl': ROWS, [name]: 'x' });
    await expect(plan({ uri })).rejects.toMatchObject({
      code: 'INPUT_UNSUPPORTED',
      file: `${uri}/${name}`,
      remedy: expect.stringContaining('gzip'),
    });
    expect(await plan({ uri, exclude: [name] })).toHaveLength(1);
  },
);

it('other compressed objects are still left out', async () => {
  const uri = await corpusOf({ 'b.jsonl': ROWS, 'pictures.tar.bz2': 'x', 'backup.zip': 'x' });
  expect(await plan({ uri })).toHaveLength(1);
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length + at]! ^= 1;
  return copy;
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
