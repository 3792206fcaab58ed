/** Texts handed to the model at once: enough to sort by length, few enough to hold. */
const GROUP_TEXTS = 4096;
const GROUP_CHARACTERS = 16 * 1024 * 1024;

/** The rows in their order, in groups of a size that the model works well on; none is empty. */
export async function* inGroups<Row extends { text: string }>(
  rows: AsyncIterable<Row>,
): AsyncGenerator<Row[]> {
  let group: Row[] = [];
  let characters = 0;
  for await (const row of rows) {
    group.push(row);
    characters += row.text.length;
    if (group.length < GROUP_TEXTS && characters < GROUP_CHARACTERS) continue;
    yield group;
    group = [];
    characters = 0;
  }
  if (group.length > 0) yield group;
}
