import { VectormillError } from '../../core/errors.js';
import { realUriOf } from '../files/real-path.js';

/** The places of a job. */
interface JobPlaces {
  dataset: string;
  input: { uri: string };
  output: string;
}

/**
 * Returns whether a job's dataset would lie in the job's own input, or be it, so that a later
 * version would read what this one writes. Links of local folders are followed.
 */
export async function isOutputInInput({ dataset, input, output }: JobPlaces): Promise<boolean> {
  const [corpus, made] = await Promise.all([input.uri, `${output}/${dataset}`].map(realUriOf));
  return `${made}/`.startsWith(`${corpus}/`);
}

/** Errors: JOB_INVALID where the dataset would lie in the input. */
export async function assertOutputApart(places: JobPlaces, file: string): Promise<void> {
  if (!(await isOutputInInput(places))) return;
  throw new VectormillError(
    'JOB_INVALID',
    `${file}: \`output\` lies below \`input.uri\`, so the corpus would come to include its own output`,
    { component: 'job', file, remedy: 'Give an `output` elsewhere. Links on the way to it are followed.' },
  );
}
