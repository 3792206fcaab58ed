import protobuf from 'protobufjs';

/**
 * The messages of onnx.proto3 that a graph needs, with the numbers that the ONNX standard gives
 * them (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3). Initialisers are left out of
 * `GraphProto`, because `model-writer.ts` appends them one by one.
 */
const ROOT = protobuf.parse(
  `syntax = "proto3";
  message AttributeProto {
    string name = 1; float f = 2; int64 i = 3; bytes s = 4; TensorProto t = 5; GraphProto g = 6;
    repeated float floats = 7; repeated int64 ints = 8; int32 type = 20;
  }
  message StringStringEntryProto { string key = 1; string value = 2; }
  message TensorProto {
    repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9;
    repeated StringStringEntryProto external_data = 13; int32 data_location = 14;
  }
  message NodeProto {
    repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
    repeated AttributeProto attribute = 5; string domain = 7;
  }
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
  message TensorShapeProto { repeated Dimension dim = 1; }
  message TensorTypeProto { int32 elem_type = 1; TensorShapeProto shape = 2; }
  message TypeProto { TensorTypeProto tensor_type = 1; }
  message ValueInfoProto { string name = 1; TypeProto type = 2; }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message GraphProto {
    repeated NodeProto node = 1; string name = 2;
    repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
  }
  message ModelProto {
    int64 ir_version = 1; string producer_name = 2; string producer_version = 3;
    repeated OperatorSetIdProto opset_import = 8;
  }`,
  { keepCase: true },
).root;

/** `TensorProto.DataType` */
export const DATA_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const;
/** The types of the graph's inputs, outputs and weights. */
export type DataType = 'float32' | 'float16' | 'uint8' | 'int8' | 'int64';

/** `TensorProto.DataLocation` */
const EXTERNAL = 1;

/** `AttributeProto.AttributeType` */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

/**
 * An attribute of a node. Whole numbers and floats need different names, because JavaScript does
 * not tell them apart.
 */
export type Attribute =
  | { int: number }
  | { float: number }
  | { string: string }
  | { ints: readonly number[] }
  | { graph: OnnxGraphHeader };

export interface OnnxNode {
  operator: string;
  /** Empty for the operators of the standard. */
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

/** A named input or output of the graph. A string in its shape names a dimension that varies. */
export interface OnnxValue {
  name: string;
  type: DataType;
  shape: readonly (number | string)[];
}

export interface OnnxGraphHeader {
  name: string;
  nodes: readonly OnnxNode[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
}

/** Encodes a `GraphProto` without its initialisers. */
export function encodeOnnxGraph(graph: OnnxGraphHeader): Uint8Array {
  return encode('GraphProto', graphMessage(graph));
}

function graphMessage(graph: OnnxGraphHeader): object {
  return {
    name: graph.name,
    node: graph.nodes.map((node, index) => ({
      input: node.inputs,
      output: node.outputs,
      name: `${graph.name}/${node.operator}_${index}`,
      op_type: node.operator,
      attribute: Object.entries(node.attributes).map(([name, value]) => attributeMessage(name, value)),
      domain: node.domain,
    })),
    input: graph.inputs.map(valueMessage),
    output: graph.outputs.map(valueMessage),
  };
}

/** Encodes a `ModelProto` without its graph. `operatorSets` maps a domain to its version. */
export function encodeModel(operatorSets: ReadonlyMap<string, number>, producerVersion: string): Uint8Array {
  return encode('ModelProto', {
    ir_version: 9,
    producer_name: 'vectormill',
    producer_version: producerVersion,
    opset_import: [...operatorSets].map(([domain, version]) => ({ domain, version })),
  });
}

interface TensorHeader {
  name: string;
  type: DataType;
  shape: readonly number[];
}

/** Encodes a `TensorProto` without its data. */
export function encodeTensorHeader({ name, type, shape }: TensorHeader): Uint8Array {
  return encode('TensorProto', { dims: shape, data_type: DATA_TYPE[type], name });
}

/**
 * Encodes a `TensorProto` whose data are `length` bytes from byte `offset` of `location`, a file in
 * the same folder.
 */
export function encodeExternalTensor(
  { name, type, shape }: TensorHeader,
  place: { location: string; offset: number; length: number },
): Uint8Array {
  const entries = Object.entries(place).map(([key, value]) => ({ key, value: String(value) }));
  return encode('TensorProto', {
    dims: shape,
    data_type: DATA_TYPE[type],
    name,
    external_data: entries,
    data_location: EXTERNAL,
  });
}

/**
 * An input or output that another tool's graph declares. What the file does not say is undefined.
 */
export interface DeclaredValue {
  name: string;
  /** `TensorProto.DataType`; 0 for anything but a tensor. */
  type: number;
  /** A string names a dimension that varies. */
  shape: readonly (number | string | undefined)[] | undefined;
}

/** Reads a `ValueInfoProto`. Throws for bytes that are none. */
export function decodeValue(bytes: Uint8Array): DeclaredValue {
  const message = ROOT.lookupType('ValueInfoProto');
  const value = message.toObject(message.decode(bytes), { longs: Number }) as {
    name?: string;
    type?: {
      tensor_type?: { elem_type?: number; shape?: { dim?: { dim_value?: number; dim_param?: string }[] } };
    };
  };
  const tensor = value.type?.tensor_type;
  return {
    name: value.name ?? '',
    type: tensor?.elem_type ?? 0,
    shape: tensor?.shape && (tensor.shape.dim ?? []).map((size) => size.dim_value ?? size.dim_param),
  };
}

function encode(message: string, value: object): Uint8Array {
  const type = ROOT.lookupType(message);
  return type.encode(type.fromObject(value)).finish();
}

function attributeMessage(name: string, value: Attribute): object {
  if ('int' in value) return { name, i: value.int, type: ATTRIBUTE_TYPE.int };
  if ('float' in value) return { name, f: value.float, type: ATTRIBUTE_TYPE.float };
  if ('graph' in value) return { name, g: graphMessage(value.graph), type: ATTRIBUTE_TYPE.graph };
  if ('ints' in value) return { name, ints: value.ints, type: ATTRIBUTE_TYPE.ints };
  return { name, s: Buffer.from(value.string), type: ATTRIBUTE_TYPE.string };
}

function valueMessage(value: OnnxValue): object {
  const dim = value.shape.map((size) =>
    typeof size === 'string' ? { dim_param: size } : { dim_value: size },
  );
  return { name: value.name, type: { tensor_type: { elem_type: DATA_TYPE[value.type], shape: { dim } } } };
}
