/**
 * The model gets this many rows at once, which are enough to sort by length, and few enough to hold
 * in memory.
 */
const GROUP_ROWS = 4096;
const GROUP_CHARACTERS = 16 * 1024 * 1024;

/**
 * Groups of neighbouring rows, in order and never empty. `charactersOf` counts the characters of a
 * row's text in UTF-16 units.
 */
export async function* inGroups<Row>(
  rows: AsyncIterable<Row>,
  charactersOf: (row: Row) => number,
): AsyncGenerator<Row[]> {
  let group: Row[] = [];
  let characters = 0;
  for await (const row of rows) {
    group.push(row);
    characters += charactersOf(row);
    if (group.length < GROUP_ROWS && characters < GROUP_CHARACTERS) continue;
    yield group;
    group = [];
    characters = 0;
  }
  if (group.length > 0) yield group;
}
