const { unicode, icu } = process.versions;

/**
 * The Unicode data by which this process finds words, sentences and characters. Another Node may
 * cut the same text at other places.
 */
export const UNICODE = `unicode ${unicode}, icu ${icu}`;
