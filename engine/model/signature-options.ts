import { VectormillError } from '../../core/errors.js';
import type { ModelSettings } from './model.js';

/** The options of a model that change its vector space. */
export interface SignatureOptions extends Pick<ModelSettings, 'precision' | 'ranges'> {
  /**
   * The greatest number of tokens in a row, special tokens included; by default the folder's own
   * limit.
   */
  maxTokens?: number | undefined;
  /**
   * The number of a vector's first values that are kept, which some models are trained for; by
   * default all.
   */
  dimensions?: number | undefined;
  /** Prompts that are put before each text instead of the folder's own. */
  prompts?: { query?: string | undefined; document?: string | undefined } | undefined;
}

/** Checks that a value for the model `name` is a whole number from 1 to `most`. Errors: USAGE. */
export function assertWithin(value: number, most: number, unit: string, name: string): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new VectormillError('USAGE', `a limit of ${value} ${unit} does not suit ${name}`, {
    component: 'model',
    remedy: `Give a whole number of ${unit} from 1 to ${most}.`,
  });
}
