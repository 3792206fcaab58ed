import { VectormillError } from '../../core/errors.js';

/**
 * The number of bytes of Arrow data that one file may hold. A wasm memory ends at 4 GiB; writing
 * holds the table about twice in it, and also the file (see docs/performance/parquet.md).
 */
const LARGEST_TABLE = 512 * 1024 * 1024;

/**
 * Refuses a table that could exhaust the writer's memory. Errors: INTERNAL, because parts are
 * planned far smaller.
 */
export function assertTableSize(bytes: number): void {
  if (bytes <= LARGEST_TABLE) return;
  throw new VectormillError(
    'INTERNAL',
    `a table of ${bytes} bytes is over the ${LARGEST_TABLE} of one file`,
    {
      component: 'parquet',
      remedy: 'Write fewer rows per part.',
    },
  );
}
