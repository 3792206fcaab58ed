import type { Attribute, DataType, OnnxGraphHeader, OnnxNode, OnnxValue } from './onnx-format.js';

/** A tensor that is stored in the graph. `load` is called once, when the file is written. */
export interface Initializer {
  name: string;
  type: DataType;
  shape: readonly number[];
  load(): Promise<TensorData>;
}

/** The numbers of a tensor; float16 numbers are given as their bits. */
export type TensorData = Float32Array | Uint16Array | Uint8Array | Int8Array | BigInt64Array;

/** The name of a tensor in the graph under construction. */
export type Value = string;

/**
 * The version of the standard operator set that graphs use. Its operators are described at
 * onnx.ai/onnx/operators.
 */
const STANDARD_OPERATOR_SET = 20;
/** ONNX Runtime's own operators, which docs/ContribOperators.md of its repository describes. */
export const RUNTIME_OPERATORS = { domain: 'com.microsoft', version: 1 } as const;

/**
 * Collects nodes in the order of execution. The builder names values; equal integer constants are
 * stored once.
 */
export class OnnxGraphBuilder {
  readonly operatorSets = new Map<string, number>([['', STANDARD_OPERATOR_SET]]);
  readonly initializers: Initializer[] = [];
  private nodes: OnnxNode[] = [];
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  private readonly constants = new Map<string, Value>();
  private count = 0;

  input(name: string, type: DataType, shape: readonly (number | string)[]): Value {
    this.inputs.push({ name, type, shape });
    return name;
  }

  /** Gives `value` its name outside the graph. `value` itself must not be used afterwards. */
  output(name: string, value: Value, shape: readonly (number | string)[]): void {
    this.append({ operator: 'Identity', domain: '', inputs: [value], outputs: [name], attributes: {} });
    this.outputs.push({ name, type: 'float32', shape });
  }

  /** Adds a node with one output. An empty name stands for an optional input that is left out. */
  add(operator: string, inputs: readonly Value[], attributes: Record<string, Attribute> = {}): Value {
    const output = this.nextName(operator);
    this.append({ operator, domain: '', inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds a node with several outputs. */
  addWithOutputs(
    operator: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Record<string, Attribute> = {},
  ): Value[] {
    const names = Array.from({ length: outputs }, () => this.nextName(operator));
    this.append({ operator, domain: '', inputs, outputs: names, attributes });
    return names;
  }

  /** Adds a node of one of ONNX Runtime's own operators, which no other runtime knows. */
  addRuntimeOperator(
    operator: string,
    inputs: readonly Value[],
    attributes: Record<string, Attribute> = {},
  ): Value {
    const { domain, version } = RUNTIME_OPERATORS;
    this.operatorSets.set(domain, version);
    const output = this.nextName(operator);
    this.append({ operator, domain, inputs, outputs: [output], attributes });
    return output;
  }

  /**
   * Chooses one of two float32 values of `shape` by `condition`, a bool `[]` that is known only
   * when the graph runs. Only the chosen one is computed. Both may use what was added before, but
   * nothing that they add may be used outside.
   */
  choose(
    condition: Value,
    values: { whenTrue: () => Value; whenFalse: () => Value },
    shape: readonly (number | string)[],
  ): Value {
    const then_branch = { graph: this.branch(values.whenTrue, shape) };
    const else_branch = { graph: this.branch(values.whenFalse, shape) };
    return this.add('If', [condition], { then_branch, else_branch });
  }

  weight(name: string, shape: readonly number[], load: () => Promise<Float32Array>): Value {
    return this.tensor({ name, type: 'float32', shape, load });
  }

  tensor(initializer: Initializer): Value {
    this.initializers.push(initializer);
    return initializer.name;
  }

  scalar(value: number): Value {
    return this.constant(`float ${value}`, 'float32', [], () => Float32Array.of(value));
  }

  /** Returns a whole number without a dimension. */
  integer(value: number): Value {
    return this.constant(`integer ${value}`, 'int64', [], () => BigInt64Array.of(BigInt(value)));
  }

  byte(value: number): Value {
    return this.constant(`byte ${value}`, 'uint8', [], () => Uint8Array.of(value));
  }

  /** Returns a one-dimensional tensor of integers, the form of shapes and axes. */
  integers(...values: readonly number[]): Value {
    const key = `integers ${values.join(' ')}`;
    return this.constant(key, 'int64', [values.length], () => BigInt64Array.from(values, BigInt));
  }

  header(name: string): OnnxGraphHeader {
    return { name, nodes: this.nodes, inputs: this.inputs, outputs: this.outputs };
  }

  private branch(compute: () => Value, shape: readonly (number | string)[]): OnnxGraphHeader {
    const outer = this.nodes;
    this.nodes = [];
    const name = compute();
    const nodes = this.nodes;
    this.nodes = outer;
    return { name: this.nextName('branch'), nodes, inputs: [], outputs: [{ name, type: 'float32', shape }] };
  }

  private append(node: OnnxNode): void {
    this.nodes.push(node);
  }

  private constant(key: string, type: DataType, shape: readonly number[], make: () => TensorData): Value {
    const known = this.constants.get(key);
    if (known) return known;
    const name = this.nextName('constant');
    this.initializers.push({ name, type, shape, load: async () => make() });
    this.constants.set(key, name);
    return name;
  }

  private nextName(stem: string): Value {
    this.count += 1;
    return `${stem}.${this.count}`;
  }
}
