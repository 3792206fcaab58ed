import { createHash } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import protobuf from 'protobufjs';
import { appendBytes, writeWholeFile } from '../../files/whole-file.js';
import { encodeExternalTensor, encodeModel, encodeOnnxGraph, encodeTensorHeader } from './onnx-format.js';
import type { Initializer, OnnxGraphBuilder } from './onnx-graph-builder.js';

/** No protocol buffer message may be larger. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;
/** Smaller tensors stay in the graph, where runtimes expect shapes and axes. */
const SMALLEST_EXTERNAL_BYTES = 1024;
/**
 * Tensors in a file of their own begin at multiples of this, so that a runtime can map them into
 * memory.
 */
const ALIGNMENT = 4096;
const BYTES_PER_ELEMENT = { float32: 4, float16: 2, uint8: 1, int8: 1, int64: 8 } as const;
/**
 * `ModelProto.graph`, `GraphProto.initializer` and `TensorProto.raw_data`, as protocol buffer keys
 * with wire type 2.
 */
const KEY = { graph: (7 << 3) | 2, initializer: (5 << 3) | 2, rawData: (9 << 3) | 2 } as const;

/**
 * An initialiser as it is written into the graph's file: all of its field except the raw bytes.
 * These follow as `data`, unless they are in the data file.
 */
interface Field {
  head: Uint8Array;
  data?: Initializer;
}

/**
 * Writes the built graph as one ONNX file, which appears either whole or not at all. Only one
 * tensor is in memory at a time. This is possible because fields of a protocol buffer message may
 * be concatenated, and because every size is known from the shapes. A graph of more than `maxBytes`
 * keeps its large tensors in a second file, `<file>.<16 digits of its sha256>.data`, which exists
 * before the first one appears.
 */
export async function writeModel(
  builder: OnnxGraphBuilder,
  file: string,
  version: string,
  maxBytes = MAX_MESSAGE_BYTES,
): Promise<void> {
  const graph = encodeOnnxGraph(builder.header('model'));
  let fields = builder.initializers.map(inlineField);
  let dataFile: string | undefined;
  if (sizeOf(graph, fields) > maxBytes) {
    const external = builder.initializers.filter((tensor) => bytesOf(tensor) >= SMALLEST_EXTERNAL_BYTES);
    const { offsets, path } = await writeData(external, file);
    dataFile = basename(path);
    fields = builder.initializers.map((tensor) => {
      const offset = offsets.get(tensor);
      return offset === undefined ? inlineField(tensor) : externalField(tensor, basename(path), offset);
    });
  }
  await writeWholeFile(file, async (handle) => {
    await appendBytes(handle, encodeModel(builder.operatorSets, version));
    await appendBytes(handle, fieldHead(KEY.graph, sizeOf(graph, fields)));
    await appendBytes(handle, graph);
    for (const { head, data } of fields) {
      await appendBytes(handle, head);
      if (data) await appendBytes(handle, await loadBytes(data));
    }
    return file;
  });
  await removeOtherData(file, dataFile);
}

/** Returns the graph to which a data file belongs; undefined for any other name. */
export function graphOfData(name: string): string | undefined {
  return /^(.+)\.[0-9a-f]{16}\.data$/.exec(name)?.[1];
}

/**
 * Writes the data file. It is named by its content, so that a graph that exists already never gets
 * the data of another one.
 */
async function writeData(
  tensors: readonly Initializer[],
  file: string,
): Promise<{ path: string; offsets: ReadonlyMap<Initializer, number> }> {
  const offsets = new Map<Initializer, number>();
  const path = await writeWholeFile(`${file}.data`, async (handle) => {
    const hash = createHash('sha256');
    let written = 0;
    const append = async (bytes: Uint8Array) => {
      hash.update(bytes);
      await appendBytes(handle, bytes);
      written += bytes.length;
    };
    for (const tensor of tensors) {
      await append(new Uint8Array(-written & (ALIGNMENT - 1)));
      offsets.set(tensor, written);
      await append(await loadBytes(tensor));
    }
    return `${file}.${hash.digest('hex').slice(0, 16)}.data`;
  });
  return { path, offsets };
}

/** Removes the files in which an earlier graph of the same name kept its tensors. */
async function removeOtherData(file: string, kept: string | undefined): Promise<void> {
  for (const name of await readdir(dirname(file)))
    if (graphOfData(name) === basename(file) && name !== kept)
      await unlink(join(dirname(file), name)).catch(() => undefined);
}

function inlineField(tensor: Initializer): Field {
  const bytes = bytesOf(tensor);
  const inner = Buffer.concat([encodeTensorHeader(tensor), fieldHead(KEY.rawData, bytes)]);
  return {
    head: Buffer.concat([fieldHead(KEY.initializer, inner.length + bytes), inner]),
    data: tensor,
  };
}

function externalField(tensor: Initializer, location: string, offset: number): Field {
  const inner = encodeExternalTensor(tensor, { location, offset, length: bytesOf(tensor) });
  return { head: Buffer.concat([fieldHead(KEY.initializer, inner.length), inner]) };
}

function sizeOf(graph: Uint8Array, fields: readonly Field[]): number {
  return fields.reduce((sum, { head, data }) => sum + head.length + (data ? bytesOf(data) : 0), graph.length);
}

function bytesOf({ shape, type }: Initializer): number {
  return shape.reduce((product, size) => product * size, BYTES_PER_ELEMENT[type]);
}

async function loadBytes(tensor: Initializer): Promise<Uint8Array> {
  const data = await tensor.load();
  if (data.byteLength !== bytesOf(tensor))
    throw new RangeError(`tensor ${tensor.name}: ${data.byteLength} bytes, ${bytesOf(tensor)} declared`);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function fieldHead(key: number, bytes: number): Uint8Array {
  return protobuf.Writer.create().uint32(key).uint32(bytes).finish();
}
