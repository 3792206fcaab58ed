/**
 * Turns text from a corpus into one line that is safe to print. Control characters, which could
 * drive the terminal, and directional overrides become spaces. Text after `length` code points is
 * cut off.
 */
export function oneLine(text: string, length = 120): string {
  // This many units hold `length` code points even if a lot of white space shrinks. A chunk may be
  // megabytes long.
  const clean = text
    .slice(0, length * 8)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\s]+/gu, ' ')
    .trim();
  const characters = [...clean];
  return characters.length <= length ? clean : `${characters.slice(0, length - 1).join('')}…`;
}

/** Lines with a label and a value, where all values begin in the same column. */
export function fieldLines(fields: readonly (readonly [label: string, value: string])[]): string[] {
  const width = Math.max(...fields.map(([label]) => label.length));
  return fields.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
}

/**
 * Rows of cells, where each column is as wide as its longest cell and no row ends with white space.
 */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
