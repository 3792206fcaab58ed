import { type FileHandle, open } from 'node:fs/promises';
import { fromFloat16 } from '../../../core/float16.js';
import { readBytes } from '../../files/read-bytes.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';

/** The format's own limit for its header. */
const MAX_HEADER_BYTES = 100_000_000;
const BYTES_PER_ELEMENT: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
};

export interface TensorInfo {
  dtype: string;
  shape: readonly number[];
  /** The tensor is the bytes `[start, end)` of the file. */
  start: number;
  end: number;
}

/**
 * A safetensors file: an 8-byte little-endian header length, a JSON header, and the tensors' bytes
 * without gaps (https://github.com/huggingface/safetensors, "Format"). Tensors are read one at a
 * time. Errors: MODEL_INVALID for a file that is truncated or whose header does not describe its
 * bytes.
 */
export class SafetensorsFile {
  private constructor(
    readonly path: string,
    readonly tensors: ReadonlyMap<string, TensorInfo>,
    private readonly handle: FileHandle,
  ) {}

  static async open(path: string): Promise<SafetensorsFile> {
    const handle = await open(path).catch((error: unknown) => {
      throw modelInvalid(path, 'the weights file cannot be opened', error);
    });
    try {
      return new SafetensorsFile(path, await readHeader(path, handle), handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Returns the tensor's elements in row-major order, widened to float32 without loss. Errors:
   * MODEL_INVALID where the tensor is missing, MODEL_UNSUPPORTED for types other than F32, F16 and
   * BF16.
   */
  async readFloat32(name: string): Promise<Float32Array> {
    const info = this.tensors.get(name);
    if (!info) throw modelInvalid(this.path, `the weights hold no tensor "${name}"`);
    const bytes = await readExactly(this.path, this.handle, info.start, info.end - info.start);
    if (info.dtype === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
    if (info.dtype === 'F16') return fromFloat16(halves);
    if (info.dtype === 'BF16') return widenBfloat16(halves);
    throw modelUnsupported(this.path, `tensor "${name}" is of type ${info.dtype}, not F32, F16 or BF16`);
  }

  /**
   * Does the same as `readFloat32` for more types of numbers, and widens them as far as needed.
   * Errors: MODEL_INVALID where the tensor is missing, MODEL_UNSUPPORTED for types that are not
   * listed here.
   */
  async readNumbers(name: string): Promise<Float32Array | Float64Array> {
    const info = this.tensors.get(name);
    if (!info || ['F32', 'F16', 'BF16'].includes(info.dtype)) return this.readFloat32(name);
    const { buffer } = await readExactly(this.path, this.handle, info.start, info.end - info.start);
    switch (info.dtype) {
      case 'F64':
        return new Float64Array(buffer);
      case 'I8':
        return Float32Array.from(new Int8Array(buffer));
      case 'I32':
        return Float64Array.from(new Int32Array(buffer));
      case 'I64':
        return Float64Array.from(new BigInt64Array(buffer), Number);
      default:
        throw modelUnsupported(this.path, `tensor "${name}" is of the type ${info.dtype}`);
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

async function readHeader(path: string, handle: FileHandle): Promise<ReadonlyMap<string, TensorInfo>> {
  const { size } = await handle.stat();
  if (size < 8) throw modelInvalid(path, `the weights file has ${size} bytes, too few for a header`);
  const prefix = await readExactly(path, handle, 0, 8);
  const headerBytes = Number(prefix.readBigUInt64LE(0));
  if (headerBytes > MAX_HEADER_BYTES || headerBytes > size - 8)
    throw modelInvalid(path, `the weights file declares a header of ${headerBytes} bytes but has ${size}`);
  const text = (await readExactly(path, handle, 8, headerBytes)).toString('utf8');
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw modelInvalid(path, 'the header of the weights file is not JSON', error);
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header))
    throw modelInvalid(path, 'the header of the weights file is not a JSON object');
  const tensors = new Map<string, TensorInfo>();
  for (const [name, entry] of Object.entries(header))
    if (name !== '__metadata__') tensors.set(name, parseEntry(path, name, entry, 8 + headerBytes));
  checkCoverage(path, tensors, 8 + headerBytes, size);
  return tensors;
}

function parseEntry(path: string, name: string, entry: unknown, dataStart: number): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const elementBytes = typeof dtype === 'string' ? BYTES_PER_ELEMENT[dtype] : undefined;
  if (typeof dtype !== 'string' || elementBytes === undefined)
    throw modelInvalid(path, `tensor "${name}" is of the unknown type ${JSON.stringify(dtype)}`);
  if (!isCounts(shape)) throw modelInvalid(path, `tensor "${name}" has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2)
    throw modelInvalid(path, `tensor "${name}" has no valid data offsets`);
  const [start, end] = offsets as [number, number];
  const bytes = shape.reduce((product, count) => product * count, elementBytes);
  if (end - start !== bytes)
    throw modelInvalid(path, `tensor "${name}" needs ${bytes} bytes but spans ${end - start}`);
  return { dtype, shape, start: dataStart + start, end: dataStart + end };
}

/**
 * Checks that the tensors cover the file. The format forbids gaps and overlaps, so that a file
 * which is cut short or holds foreign bytes is always noticed.
 */
function checkCoverage(path: string, tensors: Map<string, TensorInfo>, start: number, size: number): void {
  let position = start;
  for (const [name, info] of [...tensors].sort((a, b) => a[1].start - b[1].start || a[1].end - b[1].end)) {
    if (info.start !== position)
      throw modelInvalid(path, `tensor "${name}" starts at byte ${info.start}, not at ${position}`);
    position = info.end;
  }
  if (position !== size)
    throw modelInvalid(path, `the weights file has ${size} bytes but its header describes ${position}`);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

async function readExactly(path: string, handle: FileHandle, start: number, bytes: number): Promise<Buffer> {
  const read = await readBytes(handle, start, bytes);
  if (!read) throw modelInvalid(path, `the weights file ends before byte ${start + bytes}`);
  return read;
}

/** bfloat16 is the upper half of a binary32, so that widening is exact. */
function widenBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let index = 0; index < halves.length; index++) bits[index] = halves[index]! << 16;
  return new Float32Array(bits.buffer);
}
