const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads a whole number of seconds, minutes, hours or days, such as `90m`, as ms. Undefined for any
 * other text.
 */
export function parseTimeSpan(text: string): number | undefined {
  const match = /^(\d{1,6})\s*([smhd])$/.exec(text);
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : undefined;
}
