import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decompress } from '../../../engine/corpus/decompress.js';
import { corpusOf, outline, read, rejectsIn } from './support.js';

const ROWS = '{"_id":"1","text":"a"}\n\n{"_id":"2","text":"é"}\nnope\n{"_id":"3","text":"c"}\n';

/** Made by the reference tool: `zstd -19` over ROWS, and over `ROWS` repeated 400 times. */
const ZSTD_ROWS = 'KLUv/QRorQEAdAJ7Il9pZCI6IjEiLCJ0ZXh0IjoiYSJ9Cgoyw6kifQpub3BlM2MifQoEAGALoMqBfVlijgEmNl9O';
const ZSTD_MANY =
  'KLUv/QRozQEAdAJ7Il9pZCI6IjEiLCJ0ZXh0IjoiYSJ9Cgoyw6kifQpub3BlM2MifQoFAHH2EzYBeIHSB/ZliTkGyBLr+g==';
/** A skippable frame (RFC 8878, 3.1.2) of 3 bytes. */
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

it('gzip and zstd are read by their extension, positions counted in lines', async () => {
  const uri = await corpusOf({
    'a.jsonl.gz': gzipSync(ROWS),
    'b.jsonl.zst': Buffer.from(ZSTD_ROWS, 'base64'),
  });
  const records = await read({ uri });
  expect(outline(records)).toEqual(['1', '2', 'BAD_JSON', '3', '1', '2', 'BAD_JSON', '3']);
  expect(rejectsIn(records)[1]?.position).toEqual({ uri: `${uri}/b.jsonl.zst`, unit: 'row', at: 3 });
});

it('several gzip members and several zstd frames are one stream', async () => {
  const frame = Buffer.from(ZSTD_ROWS, 'base64');
  const uri = await corpusOf({
    'a.jsonl.gz': Buffer.concat([gzipSync(ROWS), gzipSync(ROWS)]),
    'b.jsonl.zst': Buffer.concat([frame, SKIPPABLE, frame]),
  });
  expect(outline(await read({ uri })).join()).toBe(Array(4).fill('1,2,BAD_JSON,3').join());
});

it('thousands of tiny zstd frames are one stream', async () => {
  // One segment of one raw block, which is its frame's last.
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

it('a zstd window beyond what a decoder must bear is refused before it is made', async () => {
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const uri = await corpusOf({ 'a.jsonl.zst': frame });
  await expect(read({ uri })).rejects.toMatchObject({
    code: 'INPUT_DAMAGED',
    cause: expect.objectContaining({ message: expect.stringContaining('window') }),
  });
});

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
