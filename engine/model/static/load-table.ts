import { SafetensorsFile } from '../folder/safetensors.js';
import { modelInvalid } from '../model-errors.js';
import { type RowTable, tableOf } from './row-table.js';
import type { StaticFolder } from './static-folder.js';

/**
 * The embeddings of a folder, the first `dimensions` columns of them, as numbers of whatever type they are stored in:
 * model2vec stores int8 without a scale, and adds the whole numbers up.
 * Errors: MODEL_INVALID for NaN, Inf or a mapping to a row that is not there.
 */
export async function loadTable(folder: StaticFolder, dimensions: number): Promise<RowTable> {
  const { weightsFile, tensor, rows, columns } = folder;
  const file = await SafetensorsFile.open(weightsFile);
  try {
    const read = async (name: string) => {
      const numbers = await file.readNumbers(name);
      const invalid = numbers.findIndex((number) => !Number.isFinite(number));
      if (invalid !== -1) throw modelInvalid(weightsFile, `"${name}" holds NaN or Inf, as number ${invalid}`);
      return numbers;
    };
    const table = tableOf(weightsFile, await read(tensor), columns, dimensions);
    const mapping = file.tensors.has('mapping') ? Uint32Array.from(await read('mapping')) : undefined;
    const outside = mapping?.findIndex((row) => row >= rows) ?? -1;
    if (outside !== -1)
      throw modelInvalid(weightsFile, `"mapping" leads token ${outside} to a row that is not there`);
    const weights = file.tensors.has('weights') ? Float64Array.from(await read('weights')) : undefined;
    return {
      ...table,
      ...(mapping ? { rowOfToken: mapping } : {}),
      ...(weights ? { weights } : {}),
    };
  } finally {
    await file.close();
  }
}
