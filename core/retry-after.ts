/** What an answer says about when to come back. */
export interface RetryHeaders {
  /** `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP date. */
  retryAfter: string | null;
  /** `retry-after-ms`, which some providers give beside it: milliseconds. */
  retryAfterMs: string | null;
}

/** The one date of RFC 9110, section 5.6.7, that does not name its zone, which is GMT. */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Milliseconds that the server asks to wait, at least 0; undefined where it says nothing that can
 * be read. Of a header that came several times, the longest.
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
 * The greatest of the numbers in a header, each perhaps with the unit of seconds; undefined for
 * anything else.
 */
function readCount(text: string | null): number | undefined {
  const counts = text?.split(',').map((one) => /^\s*(\d+(?:\.\d+)?)s?\s*$/.exec(one)?.[1]) ?? [];
  return counts.length === 0 || counts.includes(undefined) ? undefined : Math.max(...counts.map(Number));
}
