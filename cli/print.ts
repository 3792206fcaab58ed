/**
 * Text from a corpus as one line that is safe to print: control characters, which could drive the
 * terminal, and directional overrides become spaces, and what is over `length` code points is cut.
 */
export function oneLine(text: string, length = 120): string {
  // Enough units for `length` code points even if white space shrinks a lot; a chunk may be
  // megabytes.
  const clean = text
    .slice(0, length * 8)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\s]+/gu, ' ')
    .trim();
  const characters = [...clean];
  return characters.length <= length ? clean : `${characters.slice(0, length - 1).join('')}…`;
}

/** Label and value lines with the values in one column. */
export function fieldLines(fields: readonly (readonly [label: string, value: string])[]): string[] {
  const width = Math.max(...fields.map(([label]) => label.length));
  return fields.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
}

/** Rows of cells with each column as wide as its longest cell, and no white space at their ends. */
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
