/** What an answer says about when to come back. */
export interface RetryHeaders {
  /** `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP date. */
  retryAfter: string | null;
  /** `retry-after-ms`, which some providers give beside it: milliseconds. */
  retryAfterMs: string | null;
}

/**
 * Milliseconds that the server asks to wait, at least 0; undefined where it says nothing that can be read.
 * @param now ms since the epoch, for a date
 */
export function retryAfterMs({ retryAfter, retryAfterMs }: RetryHeaders, now: number): number | undefined {
  const milliseconds = readCount(retryAfterMs);
  if (milliseconds !== undefined) return milliseconds;
  const seconds = readCount(retryAfter);
  if (seconds !== undefined) return seconds * 1000;
  const date = /GMT\s*$/.test(retryAfter ?? '') ? Date.parse(retryAfter ?? '') : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** A number as both headers write it; anything else is none. */
function readCount(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
