import { counted } from '../../core/counted.js';
import type { Cost } from '../../core/provider.js';

/** Returns tokens and price as words, for example `1,234,567 billed tokens, 0.024691 USD`. */
export function describeCost({ billedTokens, amount, currency }: Cost): string {
  const price = amount === null ? 'at a price that the job does not say' : `${amount} ${currency}`;
  return `${counted(billedTokens, 'billed token')}, ${price}`;
}
