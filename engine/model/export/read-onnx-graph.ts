import { open, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { ByteRange } from '../../store/object-store.js';
import { modelInvalid } from '../model-errors.js';
import { type DeclaredValue, decodeValue } from '../onnx/onnx-format.js';
import { type Field, MessageDamaged, MessageReader } from './message-reader.js';

/** The declarations of an ONNX file; its weights are not read. */
export interface OnnxGraphOutline {
  file: string;
  /** The inputs without those that have an initial value. */
  inputs: readonly DeclaredValue[];
  outputs: readonly DeclaredValue[];
  nodes: readonly NodeOutline[];
  /** Tensors by name. */
  tensors: ReadonlyMap<string, TensorOutline>;
  /**
   * The number of elements of all tensors, by `TensorProto.DataType`. Tensors of shapes and indices
   * count, too.
   */
  elements: ReadonlyMap<number, number>;
  /** Further files that hold tensors, as absolute paths, ordered by name. */
  dataFiles: readonly string[];
}

interface NodeOutline {
  operator: string;
  inputs: readonly string[];
  outputs: readonly string[];
}

interface TensorOutline {
  type: number;
  shape: readonly number[];
}

/**
 * The numbers of fields in the messages of onnx.proto3
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
 */
const MODEL = { graph: 7 } as const;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, operator: 4, attribute: 5 } as const;
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 } as const;
const TENSOR = { dims: 1, type: 2, name: 8, external: 13 } as const;
const ENTRY = { key: 1, value: 2 } as const;

/**
 * Reads the outline of an ONNX file, and finds the files beside it that hold its tensors. Errors:
 * MODEL_INVALID naming a file that is missing, cut short or not ONNX, or that refers to a place
 * outside its folder.
 */
export async function readOnnxGraph(file: string): Promise<OnnxGraphOutline> {
  const handle = await open(file).catch((cause: unknown) => {
    throw modelInvalid(file, 'the ONNX file cannot be read', cause);
  });
  try {
    const { size } = await handle.stat();
    const reading = new OutlineReading(new MessageReader(handle, size), file);
    await reading.readModel();
    return await reading.outline();
  } catch (error) {
    if (!(error instanceof MessageDamaged) && !(error instanceof RangeError)) throw error;
    throw damaged(file, error instanceof MessageDamaged ? ` (at byte ${error.position})` : '', error);
  } finally {
    await handle.close();
  }
}

function damaged(file: string, where: string, cause?: unknown) {
  return modelInvalid(file, `the file is cut short, or it is no ONNX model${where}`, cause);
}

class OutlineReading {
  private readonly inputs: DeclaredValue[] = [];
  private readonly outputs: DeclaredValue[] = [];
  private readonly nodes: NodeOutline[] = [];
  private readonly tensors = new Map<string, TensorOutline>();
  private readonly elements = new Map<number, number>();
  /** The least size of each file, in bytes. */
  private readonly dataFiles = new Map<string, number>();

  constructor(
    private readonly reader: MessageReader,
    private readonly file: string,
  ) {}

  async readModel(): Promise<void> {
    let hasGraph = false;
    for await (const { number, payload } of this.reader.fields({ start: 0, end: this.reader.size })) {
      if (number !== MODEL.graph) continue;
      hasGraph = true;
      await this.readGraph(payload, true);
    }
    if (!hasGraph || this.outputs.length === 0) throw damaged(this.file, '');
  }

  async outline(): Promise<OnnxGraphOutline> {
    for (const [path, bytes] of this.dataFiles) {
      const found = await stat(path).catch(() => undefined);
      if (!found?.isFile())
        throw modelInvalid(path, `the file that holds weights of ${this.file} is missing`);
      if (found.size < bytes)
        throw modelInvalid(path, `the file has ${found.size} bytes, but ${this.file} needs ${bytes} of it`);
    }
    return {
      file: this.file,
      inputs: this.inputs.filter(({ name }) => !this.tensors.has(name)),
      outputs: this.outputs,
      nodes: this.nodes,
      tensors: this.tensors,
      elements: this.elements,
      dataFiles: [...this.dataFiles.keys()].sort(),
    };
  }

  /** Graphs within nodes have inputs and outputs of their own, which are not the model's. */
  private async readGraph(span: ByteRange, isModel: boolean): Promise<void> {
    for await (const { number, payload } of this.reader.fields(span)) {
      if (number === GRAPH.node) await this.readNode(payload);
      else if (number === GRAPH.initializer) await this.readTensor(payload);
      else if (isModel && number === GRAPH.input) this.inputs.push(await this.readValue(payload));
      else if (isModel && number === GRAPH.output) this.outputs.push(await this.readValue(payload));
    }
  }

  private async readValue(span: ByteRange): Promise<DeclaredValue> {
    try {
      return decodeValue(await this.reader.bytes(span));
    } catch {
      throw new MessageDamaged(span.start);
    }
  }

  private async readNode(span: ByteRange): Promise<void> {
    const node = { operator: '', inputs: [] as string[], outputs: [] as string[] };
    for await (const { number, payload } of this.reader.fields(span)) {
      if (number === NODE.input) node.inputs.push(await this.reader.text(payload));
      else if (number === NODE.output) node.outputs.push(await this.reader.text(payload));
      else if (number === NODE.operator) node.operator = await this.reader.text(payload);
      else if (number === NODE.attribute) await this.readAttribute(payload);
    }
    this.nodes.push(node);
  }

  private async readAttribute(span: ByteRange): Promise<void> {
    for await (const { number, payload } of this.reader.fields(span)) {
      if (number === ATTRIBUTE.tensor || number === ATTRIBUTE.tensors) await this.readTensor(payload);
      if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) await this.readGraph(payload, false);
    }
  }

  private async readTensor(span: ByteRange): Promise<void> {
    let name = '';
    let type = 0;
    const shape: number[] = [];
    const place = new Map<string, string>();
    for await (const field of this.reader.fields(span)) {
      if (field.number === TENSOR.dims) shape.push(...(await this.reader.numbers(field)));
      else if (field.number === TENSOR.type) type = field.value;
      else if (field.number === TENSOR.name) name = await this.reader.text(field.payload);
      else if (field.number === TENSOR.external) place.set(...(await this.readEntry(field)));
    }
    if (name !== '') this.tensors.set(name, { type, shape });
    const count = shape.reduce((product, size) => product * size, 1);
    this.elements.set(type, (this.elements.get(type) ?? 0) + count);
    if (place.size > 0) this.noteDataFile(place, span.start);
  }

  private async readEntry({ payload }: Field): Promise<[key: string, value: string]> {
    let [key, value] = ['', ''];
    for await (const { number, payload: text } of this.reader.fields(payload)) {
      if (number === ENTRY.key) key = await this.reader.text(text);
      if (number === ENTRY.value) value = await this.reader.text(text);
    }
    return [key, value];
  }

  private noteDataFile(place: ReadonlyMap<string, string>, position: number): void {
    const location = place.get('location') ?? '';
    const [offset, length] = [Number(place.get('offset') ?? 0), Number(place.get('length') ?? 0)];
    if (location === '' || !Number.isSafeInteger(offset + length)) throw new MessageDamaged(position);
    const folder = dirname(this.file);
    const path = join(folder, location);
    if (isAbsolute(location) || relative(folder, path).startsWith('..'))
      throw modelInvalid(this.file, `its weights lie outside its folder, in ${JSON.stringify(location)}`);
    this.dataFiles.set(path, Math.max(this.dataFiles.get(path) ?? 0, offset + length));
  }
}
