/** The headers of an answer that say when to come back. */
export interface RetryHeaders {
  /** The header `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP date. */
  retryAfter: string | null;
  /** The header `retry-after-ms`, which some providers send as well: milliseconds. */
  retryAfterMs: string | null;
}

/**
 * The only date format of RFC 9110, section 5.6.7, that does not name its zone. The zone is GMT.
 */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Returns the number of milliseconds that the server asks the client to wait, at least 0. Undefined
 * where no header can be read. If a header came several times, the longest wait counts.
 * @param now ms since the epoch, for a date
 */
export function retryAfterMs({ retryAfter, retryAfterMs }: RetryHeaders, now: number): number | undefined {
  const milliseconds = readCount(retryAfterMs);
  if (milliseconds !== undefined) return milliseconds;
  const seconds = readCount(retryAfter);
  if (seconds !== undefined) return seconds * 1000;
  const said = retryAfter?.trim() ?? '';
  const dated = ASCTIME.test(said) ? `${said} GMT` : said;
  const date = dated.endsWith('GMT') ? Date.parse(dated) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * Returns the greatest of the numbers in a header, each possibly followed by the unit of seconds.
 * Undefined for any other text.
 */
function readCount(text: string | null): number | undefined {
  const counts = text?.split(',').map((one) => /^\s*(\d+(?:\.\d+)?)s?\s*$/.exec(one)?.[1]) ?? [];
  return counts.length === 0 || counts.includes(undefined) ? undefined : Math.max(...counts.map(Number));
}
