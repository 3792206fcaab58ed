import { counted } from '../counted.js';
import { VectormillError } from '../errors.js';
import type { JobSpec } from '../job-spec.js';
import type { DeletedDocuments } from './resolved-documents.js';

/** The share and the number of the parent's documents that a version may delete unasked. */
const DEFAULT_DELETE_SHARE = 0.1;
const DEFAULT_DELETE_DOCUMENTS = 10;

/** Returns how many of the `known` documents of its parent a version may delete. */
export function allowedDeletes({ limits }: Pick<JobSpec, 'limits'>, known: number): number {
  const { deleteShare = DEFAULT_DELETE_SHARE, deleteDocuments = DEFAULT_DELETE_DOCUMENTS } = limits;
  return Math.max(deleteShare * known, deleteDocuments, limits.allowDeletes ?? 0);
}

/**
 * Returns the error for a version that would delete more of its parent than the job's limits allow.
 * A listing that came back short must not empty an index.
 */
export function deletesExceeded(
  spec: JobSpec,
  { known, deleted, deletedBelow }: DeletedDocuments,
): VectormillError | undefined {
  if (deleted.documents <= allowedDeletes(spec, known)) return undefined;
  const share = ((100 * deleted.documents) / known).toFixed(1);
  const where = deletedBelow
    .map(({ prefix, documents }) => `${counted(documents, 'document')} below ${prefix}`)
    .join(', ');
  return new VectormillError(
    'DELETES_EXCEEDED',
    `this version would delete ${deleted.documents} of the ${counted(known, 'document')} of its parent (${share}%): ${where}`,
    {
      component: 'workflow',
      remedy: `Look whether the input is complete. If it is, go on with \`--allow-deletes ${deleted.documents}\` (\`vectormill run\`, \`night\`, \`schedule resume --continue\` and \`schedule trigger\` take it). The input is listed again, and this is the most that may be deleted then.`,
    },
  );
}
