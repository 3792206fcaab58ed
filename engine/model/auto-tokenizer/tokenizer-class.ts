import type { Configuration } from '../folder/configuration.js';
import { modelUnsupported } from '../model-errors.js';

/**
 * Classes of transformers that build their tokenizer anew, and use little more of tokenizer.json
 * than its vocabulary.
 */
export const REBUILDING_CLASSES = [
  'BertTokenizer',
  'MPNetTokenizer',
  'RobertaTokenizer',
  'XLMRobertaTokenizer',
  'CamembertTokenizer',
  'Qwen2Tokenizer',
] as const;
export type RebuildingClass = (typeof REBUILDING_CLASSES)[number];

/** The class with which transformers loads a folder's tokenizer. */
export interface TokenizerClass {
  /**
   * The class that rebuilds the tokenizer; undefined where tokenizer.json is used as it is, or is
   * the best that is known.
   */
  rebuilds: RebuildingClass | undefined;
  /** Whether the class rebuilds the tokenizer by rules that are not known here. */
  isUnknown: boolean;
}

/**
 * The rebuilding class that belongs to a `model_type`, from `tokenization_auto.py` of transformers
 * 5.24.
 */
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

/** Other names of these classes. */
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

/** Classes that also rebuild their tokenizer, by rules that are not known here. */
const OTHER_REBUILDING = new Set(
  `Albert Barthez BigBird Blenderbot CLIP CodeGen CodeLlama Cohere Deberta DebertaV2 Esmc Funnel GPT2 GPTNeoX Gemma Herbert
  LayoutLMv2 LayoutLMv3 LayoutXLM Llama Luke MBart MBart50 MLuke MarkupLM Nllb OpenAIGPT Pegasus Qwen3_5 Reformer RemBert
  RoFormer Siglip2 Splinter T5 Udop XGLM XLNet`
    .split(/\s+/)
    .map((name) => `${name}Tokenizer`),
);

/**
 * Model types of embedding models that always use their own class, whatever tokenizer_config.json
 * names.
 */
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
 * Returns the class that `AutoTokenizer` of transformers 5.24 chooses: the one that
 * tokenizer_config.json names, else the one that config.json names, else the one of its
 * `model_type`. Errors: MODEL_UNSUPPORTED for a class written in Python, and for a model that
 * brings its own code.
 */
export function tokenizerClassOf(tokenizer: Configuration, model: Configuration): TokenizerClass {
  const { auto_map: code } = tokenizer.values;
  const own = Array.isArray(code) ? code : (code as { AutoTokenizer?: unknown } | undefined)?.AutoTokenizer;
  if (own != null)
    throw modelUnsupported(tokenizer.file, 'a tokenizer made by code of its own (auto_map) is not supported');
  const type = String(model.values.model_type ?? '');
  const ofType = Object.hasOwn(OF_MODEL_TYPE, type) ? OF_MODEL_TYPE[type] : undefined;
  const named = tokenizer.values.tokenizer_class ?? model.values.tokenizer_class;
  if (typeof named !== 'string' || named === '') return { rebuilds: ofType, isUnknown: false };
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
