/** The numbers of rows whose vectors were not computed for them. */
export interface ReusedRows {
  /** Rows that have the text of an earlier row of their part. */
  repeated: number;
  /** Rows whose vectors an earlier version had, by its name, such as `handbook@2026-11`. */
  lent: Readonly<Record<string, number>>;
}

export const NOTHING_REUSED: ReusedRows = { repeated: 0, lent: {} };

/** Returns the sums of two sets of counts. */
export function addReused(left: ReusedRows, right: ReusedRows): ReusedRows {
  const lent: Record<string, number> = { ...left.lent };
  for (const [name, rows] of Object.entries(right.lent)) lent[name] = (lent[name] ?? 0) + rows;
  return { repeated: left.repeated + right.repeated, lent };
}

/** Returns the number of rows that versions lent. */
export function lentRows({ lent }: ReusedRows): number {
  return Object.values(lent).reduce((sum, rows) => sum + rows, 0);
}

/** Returns the number of rows whose vectors were not computed for them. */
export function reusedCount(reused: ReusedRows): number {
  return reused.repeated + lentRows(reused);
}

/** Parses the counts that a file's footer keeps as JSON. Undefined for anything else. */
export function parseReusedRows(text: string): ReusedRows | undefined {
  try {
    const { repeated, lent } = JSON.parse(text) as ReusedRows;
    const counts = [repeated, ...Object.values(lent)];
    return counts.every((rows) => Number.isSafeInteger(rows) && rows >= 0) ? { repeated, lent } : undefined;
  } catch {
    return undefined;
  }
}
