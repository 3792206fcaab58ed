import { z } from 'zod';
import { parseTimeSpan } from '../../core/time-span.js';

/** Returns the schema of a time span such as `6h`, of at least so many ms. */
export function timeSpanSchema(minMs: number) {
  return z.string('must be a text such as 6h').refine((text) => (parseTimeSpan(text) ?? -1) >= minMs, {
    message: `must be a whole number of s, m, h or d, such as 6h${minMs > 0 ? `, and at least ${minMs / 1000}s` : ''}`,
  });
}
