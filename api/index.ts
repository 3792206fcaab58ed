/**
 * The API that the package `vectormill` offers to programs. Everything that is opened here has a
 * `close`, and can be held with `await using`. Errors are `VectormillError`s, whose `code` is
 * stable. Storage on S3 is set up by the standard AWS variables of the environment.
 */
export { type ErrorCode, VectormillError } from '../core/errors.js';
export { type Dataset, openDataset } from './dataset.js';
export {
  type JobDescription,
  type LocalJobOptions,
  type LocalJobProgress,
  type LocalJobResult,
  runLocalJob,
} from './local-job.js';
export {
  type EmbedTextsOptions,
  type ModelOptions,
  type OpenedModel,
  openModel,
  type TextEmbeddings,
} from './model.js';
export type { Hit, SearchOptions } from './search-types.js';
