import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { fingerprintOf } from '../fingerprint.js';
import type { Model } from '../model.js';
import { type OnnxModel, openOnnxEmbedder } from './onnx-embedder.js';

/** The differences between the kinds of models that ONNX Runtime computes. */
export interface OnnxModelSource extends Omit<OnnxModel, 'tokenizer' | 'graphFile'> {
  location: string;
  tokenizer(): Promise<Tokenizer>;
  /** Refuses weights that `graphFile` would refuse, without reading them. */
  check(): Promise<void>;
  /** Returns the path of the graph, which is written to the cache where it is missing. */
  graphFile(): Promise<string>;
}

/** Returns a model whose graph is only written and loaded when the model is opened. */
export function describeOnnxModel({
  location,
  tokenizer: load,
  check,
  graphFile,
  ...known
}: OnnxModelSource): Model {
  let loaded: Promise<Tokenizer> | undefined;
  const tokenizer = () => {
    loaded ??= load();
    loaded.catch(() => (loaded = undefined));
    return loaded;
  };
  return {
    signature: known.signature,
    fingerprint: fingerprintOf(known.signature),
    location,
    tokenizer,
    async check() {
      await check();
      await tokenizer();
    },
    open: async (resources) =>
      openOnnxEmbedder({ ...known, tokenizer: await tokenizer(), graphFile: await graphFile() }, resources),
  };
}
