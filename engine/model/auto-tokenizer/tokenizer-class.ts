import type { Configuration } from '../folder/configuration.js';
import { modelUnsupported } from '../model-errors.js';

/** Classes of transformers that make their tokenizer anew, and take little more than the vocabulary of tokenizer.json. */
export const REBUILDING_CLASSES = [
  'BertTokenizer',
  'MPNetTokenizer',
  'RobertaTokenizer',
  'XLMRobertaTokenizer',
  'CamembertTokenizer',
  'Qwen2Tokenizer',
] as const;
export type RebuildingClass = (typeof REBUILDING_CLASSES)[number];

/** The class that transformers loads a folder's tokenizer with. */
export interface TokenizerClass {
  /** Undefined where tokenizer.json counts as it is, or as far as can be told. */
  rebuilds: RebuildingClass | undefined;
  /** Whether the class rebuilds by rules that are not known here. */
  isUnknown: boolean;
}

/** What a folder's `model_type` stands for, where that is a class that rebuilds. transformers 5.24, `tokenization_auto.py`. */
const OF_MODEL_TYPE: Readonly<Record<string, RebuildingClass>> = {
  ...all(
    'BertTokenizer',
    'bert convbert distilbert electra ernie layoutlm megatron-bert nezha nomic_bert qdqbert',
  ),
  ...all('BertTokenizer', 'realm retribert squeezebert visual_bert'),
  ...all('MPNetTokenizer', 'mpnet'),
  ...all(
    'RobertaTokenizer',
    'bart data2vec-text ibert lilt longformer mega mra roberta roberta-prelayernorm',
  ),
  ...all('XLMRobertaTokenizer', 'gte jina_embeddings_v3 xlm-roberta xmod'),
  ...all('CamembertTokenizer', 'camembert'),
  ...all('Qwen2Tokenizer', 'qwen2 qwen2_moe qwen3 qwen3_moe qwen3_next'),
};

/** Other names of the classes. */
const OTHER_NAMES: Readonly<Record<string, RebuildingClass>> = {
  ...all('BertTokenizer', 'DistilBertTokenizer ElectraTokenizer LxmertTokenizer MobileBertTokenizer'),
  ...all('BertTokenizer', 'SqueezeBertTokenizer'),
  ...all('RobertaTokenizer', 'BartTokenizer LEDTokenizer MvpTokenizer LongformerTokenizer'),
};

/** Classes written in Python, which read other files than tokenizer.json. */
const PYTHON_CLASSES = new Set(
  `Bartpho BertGeneration BertJapanese Bertweet BioGpt BlenderbotSmall ByT5 CTRL Canine Cpm CpmAnt Esm FSMT Flaubert GPTSw3
  GPTNeoXJapanese M2M100 Marian MyT5 PLBart Phobert ProphetNet RoCBert Siglip Tapas XLM`
    .split(/\s+/)
    .map((name) => `${name}Tokenizer`),
);

/** Classes that rebuild as well, and whose rules are not written down here. */
const OTHER_REBUILDING = new Set(
  `Albert Barthez BigBird Blenderbot CLIP CodeGen CodeLlama Cohere Deberta DebertaV2 Esmc Funnel GPT2 GPTNeoX Gemma Herbert
  LayoutLMv2 LayoutLMv3 LayoutXLM Llama Luke MBart MBart50 MLuke MarkupLM Nllb OpenAIGPT Pegasus Qwen3_5 Reformer RemBert
  RoFormer Siglip2 Splinter T5 Udop XGLM XLNet`
    .split(/\s+/)
    .map((name) => `${name}Tokenizer`),
);

/** Model types whose own class counts, whatever tokenizer_config.json names; those that embed. */
const OWN_CLASS: Readonly<Record<string, RebuildingClass | undefined>> = {
  qwen2: 'Qwen2Tokenizer',
  ...Object.fromEntries(
    ['modernbert', 'nystromformer', 'umt5', 'xlm-roberta-xl', 'granite', 'phi3', 'stablelm'].map((type) => [
      type,
      undefined,
    ]),
  ),
};

/**
 * The class that `AutoTokenizer` of transformers 5.24 chooses: what tokenizer_config.json names, else what config.json names,
 * else what stands for its `model_type`. Errors: MODEL_UNSUPPORTED for a class written in Python or for code of the model's own.
 */
export function tokenizerClassOf(tokenizer: Configuration, model: Configuration): TokenizerClass {
  const { auto_map: code } = tokenizer.values;
  const own = Array.isArray(code) ? code : (code as { AutoTokenizer?: unknown } | undefined)?.AutoTokenizer;
  if (own != null)
    throw modelUnsupported(tokenizer.file, 'a tokenizer made by code of its own (auto_map) is not supported');
  const type = String(model.values.model_type ?? '');
  const standing = Object.hasOwn(OF_MODEL_TYPE, type) ? OF_MODEL_TYPE[type] : undefined;
  const named = tokenizer.values.tokenizer_class ?? model.values.tokenizer_class;
  if (typeof named !== 'string' || named === '') return { rebuilds: standing, isUnknown: false };
  const name = named.replace(/Fast$/, '');
  if (PYTHON_CLASSES.has(name))
    throw modelUnsupported(tokenizer.file, `the tokenizer_class ${JSON.stringify(named)} is not supported`);
  if (Object.hasOwn(OWN_CLASS, type)) return { rebuilds: OWN_CLASS[type], isUnknown: false };
  return { rebuilds: rebuildingClass(name), isUnknown: OTHER_REBUILDING.has(name) };
}

function rebuildingClass(name: string): RebuildingClass | undefined {
  return (
    REBUILDING_CLASSES.find((known) => known === name) ??
    (Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined)
  );
}

function all(name: RebuildingClass, keys: string): Record<string, RebuildingClass> {
  return Object.fromEntries(keys.split(' ').map((key) => [key, name]));
}
