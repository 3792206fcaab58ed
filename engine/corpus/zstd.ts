import { Decompress } from 'fzstd';
import xxhash from 'xxhash-wasm';
import { ByteReader } from './byte-reader.js';
import { CompressionError } from './compression-error.js';

/**
 * The largest window that is read, which is the reference tool's own limit. The specification asks
 * decoders to support only 8 MiB.
 */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;
const MAX_BLOCK_BYTES = 128 * 1024;
/** The number of stored bytes that fzstd gets at once. */
const INPUT_BYTES = 64 * 1024;

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;

interface FrameHeader {
  /**
   * The header as fzstd gets it, without the flag for a checksum, which fzstd would skip unread.
   */
  bytes: Uint8Array;
  hasChecksum: boolean;
  /** The number of bytes of content that the frame says it has, if it says so. */
  contentBytes: bigint | undefined;
  maxBlockBytes: number;
}

/**
 * Yields the content of zstd frames (RFC 8878, 3.1), one after the other, and skips skippable
 * frames. fzstd decodes the blocks. Frames are told apart here, so that limits, lengths and
 * checksums are those of each frame.
 * Throws CompressionError that says what is wrong, BytesEndError if the stream is cut short, and
 * what fzstd throws.
 */
export async function* unzstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(bytes);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const magic = await reader.peek(4);
      if (magic.length === 0) return;
      const number = magic.length === 4 ? uint32(magic, 0) : 0;
      if (number >>> 4 === SKIPPABLE_MAGIC >>> 4) await skipFrame(reader);
      else if (number === FRAME_MAGIC) yield* readFrame(reader);
      else
        throw new CompressionError(
          isFirst ? 'it is not in the zstd format' : 'the bytes after its last zstd frame are not a frame',
        );
    }
  } finally {
    await reader.close();
  }
}

async function skipFrame(reader: ByteReader): Promise<void> {
  const header = await reader.take(8);
  await reader.skip(uint32(header, 4));
}

async function* readFrame(reader: ByteReader): AsyncGenerator<Uint8Array> {
  const header = await readHeader(reader);
  const output: Uint8Array[] = [];
  const decoder = new Decompress((piece) => {
    if (piece.length > 0) output.push(piece);
  });
  const hash = header.hasChecksum ? (await hasher)() : undefined;
  let contentBytes = 0;
  let pending: Uint8Array[] = [header.bytes];
  let pendingBytes = 0;
  for (let isLast = false; !isLast; ) {
    const block = await readBlock(reader, header);
    isLast = block.isLast;
    pending.push(block.bytes);
    pendingBytes += block.bytes.length;
    if (!isLast && pendingBytes < INPUT_BYTES) continue;
    decoder.push(Buffer.concat(pending), isLast);
    pending = [];
    pendingBytes = 0;
    for (const piece of output.splice(0)) {
      hash?.update(piece);
      contentBytes += piece.length;
      yield piece;
    }
  }
  if (header.contentBytes !== undefined && BigInt(contentBytes) !== header.contentBytes)
    throw new CompressionError('a zstd frame does not hold as many bytes as it says');
  if (hash && Number(hash.digest() & 0xffffffffn) !== uint32(await reader.take(4), 0))
    throw new CompressionError('the checksum of a zstd frame does not fit its content');
}

const hasher = xxhash().then(({ create64 }) => create64);

/** Reads a frame's header (RFC 8878, 3.1.1.1). */
async function readHeader(reader: ByteReader): Promise<FrameHeader> {
  const descriptor = (await reader.peek(5))[4] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag;
  const idBytes = DICTIONARY_ID_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3];
  const idStart = isSingleSegment ? 5 : 6;
  const bytes = Buffer.from(await reader.take(idStart + idBytes + sizeBytes));
  if (descriptor & 0x08) throw new CompressionError('a zstd frame has a header of an unknown kind');
  const dictionary = idBytes === 0 ? 0 : bytes.readUIntLE(idStart, idBytes);
  if (dictionary !== 0) throw dictionaryNeeded(dictionary);
  const contentBytes = sizeBytes === 0 ? undefined : sizeOf(bytes.subarray(idStart + idBytes));
  const windowBytes = isSingleSegment ? Number(contentBytes) : windowOf(bytes[5]!);
  if (windowBytes > MAX_WINDOW_BYTES) throw windowTooLarge(windowBytes);
  bytes[4] = descriptor & ~0x04;
  return {
    bytes,
    hasChecksum: (descriptor & 0x04) !== 0,
    contentBytes,
    maxBlockBytes: Math.min(windowBytes, MAX_BLOCK_BYTES),
  };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function sizeOf(field: Buffer): bigint {
  if (field.length === 8) return field.readBigUInt64LE();
  // A field of two bytes counts from 256.
  return BigInt(field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0));
}

/** Reads a block with its header (RFC 8878, 3.1.1.2). */
async function readBlock(
  reader: ByteReader,
  { maxBlockBytes }: FrameHeader,
): Promise<{ bytes: Uint8Array; isLast: boolean }> {
  const header = Buffer.from(await reader.peek(3));
  const fields = header.length === 3 ? header.readUIntLE(0, 3) : 0;
  const size = fields >> 3;
  const type = (fields >> 1) & 3;
  if (type === 3 || size > maxBlockBytes) throw new CompressionError('a zstd block is damaged');
  const bytes = await reader.take(3 + (type === 1 ? 1 : size));
  return { bytes, isLast: (fields & 1) !== 0 };
}

function windowTooLarge(windowBytes: number): CompressionError {
  const mebibytes = Math.ceil(windowBytes / 1024 / 1024);
  return new CompressionError(
    `its zstd window is ${mebibytes} MiB, as of zstd --long=${Math.ceil(Math.log2(windowBytes))}; windows up to 128 MiB are read`,
    'compress it again with a smaller window: zstd without --long, or with --long=27 at most',
  );
}

function dictionaryNeeded(id: number): CompressionError {
  return new CompressionError(
    `it was compressed with a zstd dictionary (number ${id}), which is not in it`,
    'compress it again without a dictionary',
  );
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}
