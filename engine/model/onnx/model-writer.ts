import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import protobuf from 'protobufjs';
import { modelUnsupported } from '../model-errors.js';
import type { GraphBuilder, Initializer } from './graph-builder.js';
import { encodeGraph, encodeModel, encodeTensorHeader } from './onnx-format.js';

/** A protocol buffer message cannot be larger. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;
const BYTES_PER_ELEMENT = { float32: 4, int64: 8 } as const;
/** `ModelProto.graph`, `GraphProto.initializer` and `TensorProto.raw_data`, as protocol buffer keys with wire type 2. */
const KEY = { graph: (7 << 3) | 2, initializer: (5 << 3) | 2, rawData: (9 << 3) | 2 } as const;

/**
 * Writes the built graph as one ONNX file that appears whole or not at all. Only one tensor is in memory at a time: fields of a
 * protocol buffer message may be concatenated, and every size is known from the shapes.
 * Errors: MODEL_UNSUPPORTED above 2 GiB.
 */
export async function writeModel(builder: GraphBuilder, file: string, version: string): Promise<void> {
  const graph = encodeGraph(builder.header('model'));
  const tensors = builder.initializers.map((initializer) => ({ initializer, ...framing(initializer) }));
  const graphBytes = tensors.reduce(
    (sum, { head, dataBytes }) => sum + head.length + dataBytes,
    graph.length,
  );
  if (graphBytes > MAX_MESSAGE_BYTES)
    throw modelUnsupported(file, `the graph would have ${graphBytes} bytes; ONNX files end at 2 GiB`);
  const partial = `${file}.${randomBytes(6).toString('hex')}.partial`;
  const handle = await open(partial, 'wx');
  try {
    await writeAll(handle, encodeModel(builder.operatorSets, version));
    await writeAll(handle, fieldHead(KEY.graph, graphBytes));
    await writeAll(handle, graph);
    for (const { initializer, head, dataBytes } of tensors) {
      await writeAll(handle, head);
      await writeAll(handle, await tensorBytes(initializer, dataBytes));
    }
    await handle.sync();
    await handle.close();
    await rename(partial, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(partial).catch(() => undefined);
    throw error;
  }
}

/** Everything of an initialiser's field that comes before its raw bytes. */
function framing({ name, type, shape }: Initializer): { head: Uint8Array; dataBytes: number } {
  const dataBytes = shape.reduce((product, size) => product * size, BYTES_PER_ELEMENT[type]);
  const inner = Buffer.concat([encodeTensorHeader(name, type, shape), fieldHead(KEY.rawData, dataBytes)]);
  return { head: Buffer.concat([fieldHead(KEY.initializer, inner.length + dataBytes), inner]), dataBytes };
}

async function tensorBytes(initializer: Initializer, dataBytes: number): Promise<Uint8Array> {
  const data = await initializer.load();
  if (data.byteLength !== dataBytes)
    throw new RangeError(`tensor ${initializer.name}: ${data.byteLength} bytes, ${dataBytes} declared`);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function fieldHead(key: number, bytes: number): Uint8Array {
  return protobuf.Writer.create().uint32(key).uint32(bytes).finish();
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, Math.min(bytes.length - done, 1 << 30))).bytesWritten;
}
