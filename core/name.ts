/**
 * The pattern of names of datasets, versions and refs: one path segment that every store can hold
 * and that does not lead out of its folder.
 */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** The rule that `NAME_PATTERN` checks, in words that complete "… must be". */
export const NAME_RULE = '1 to 63 letters, digits, dots, dashes or underscores, a letter or digit first';
