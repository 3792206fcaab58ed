import { VectormillError } from '../../core/errors.js';
import type { ModelSettings } from './model.js';

/** What may be asked of a model that changes its vector space. */
export interface SignatureOptions extends Pick<ModelSettings, 'precision' | 'ranges'> {
  /** Tokens a row may have, special tokens included; by default the folder's own limit. */
  maxTokens?: number | undefined;
  /** How many of a vector's first numbers to keep, as models trained for it allow; by default all. */
  dimensions?: number | undefined;
  /** Put before each text instead of the folder's own prompts. */
  prompts?: { query?: string | undefined; document?: string | undefined } | undefined;
}

/** Whether what is asked of the model `name` is a whole number from 1 to `most`. Errors: USAGE. */
export function assertWithin(value: number, most: number, unit: string, name: string): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new VectormillError('USAGE', `a limit of ${value} ${unit} does not suit ${name}`, {
    component: 'model',
    remedy: `Give a whole number of ${unit} from 1 to ${most}.`,
  });
}
