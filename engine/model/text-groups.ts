/** Rows handed to the model at once: enough to sort by length, few enough to hold. */
const GROUP_ROWS = 4096;
const GROUP_CHARACTERS = 16 * 1024 * 1024;

/** Neighbouring rows together, in order; none is empty. `charactersOf` counts a row's text in UTF-16 units. */
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
