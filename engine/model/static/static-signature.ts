import { VectormillError } from '../../../core/errors.js';
import { type ModelSignature, UNLIMITED_TOKENS } from '../../../core/model-signature.js';
import { assertWithin, type SignatureOptions } from '../signature-options.js';

/** The properties of its vector space that a static model's own files state. */
export type StaticSpace = Pick<
  ModelSignature,
  'name' | 'weightsSha256' | 'tokenizerSha256' | 'normalize' | 'maxTokens' | 'prompts'
> & {
  /** The rules by which a text becomes tokens, and tokens become a vector. */
  rules: string;
  rows: number;
  columns: number;
  /** The type in which the table's numbers are stored. */
  storedType: string;
  similarity: Pick<ModelSignature, 'similarity'>;
};

/**
 * Returns the signature of a static model. Errors: USAGE for a limit of tokens, dimensions or a
 * precision that the model does not have.
 */
export function staticSignature(space: StaticSpace, options: SignatureOptions): ModelSignature {
  const { name, weightsSha256, tokenizerSha256, normalize, prompts } = space;
  const { rules, rows, columns, storedType } = space;
  const maxTokens = options.maxTokens ?? space.maxTokens;
  const dimensions = options.dimensions ?? columns;
  assertWithin(maxTokens, UNLIMITED_TOKENS, 'tokens', space.name);
  assertWithin(dimensions, columns, 'dimensions', space.name);
  if (options.precision !== undefined && options.precision !== 'float32')
    throw new VectormillError('USAGE', `${space.name} is a static model, which computes in float32 only`, {
      component: 'model',
      remedy: 'Leave the precision out: a static model has no products to quantise.',
    });
  return {
    name,
    architecture: 'static',
    parameters: { rules, rows, columns, storedType },
    weightsSha256,
    tokenizerSha256,
    pooling: ['mean'],
    normalize,
    maxTokens,
    dimensions,
    precision: 'float32',
    prompts: {
      query: options.prompts?.query ?? prompts.query,
      document: options.prompts?.document ?? prompts.document,
    },
    ...space.similarity,
  };
}
