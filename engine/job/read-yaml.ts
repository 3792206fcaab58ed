import { isMap, parseDocument } from 'yaml';
import { VectormillError } from '../../core/errors.js';
import { kindOf } from './describe-issues.js';

/** A kind of file that a user writes, as messages describe it. */
export interface FileKind {
  component: string;
  /** The name of the file for messages, such as `the job file`. */
  name: string;
  /** The contents of the smallest file of this kind, as words with their keys. */
  least: string;
  /** The page that lists every key. */
  page: string;
}

/**
 * Reads the YAML of a file as a mapping of keys. Errors: JOB_INVALID if it is not YAML or holds
 * something else; the message says what it holds and what to write.
 */
export function readMapping(text: string, file: string, kind: FileKind): Record<string, unknown> {
  const refuse = (message: string, remedy: string, cause?: unknown) =>
    new VectormillError('JOB_INVALID', `${file}: ${message}`, {
      component: kind.component,
      file,
      remedy: `${remedy} ${kind.page} lists every key.`,
      cause,
    });
  const yaml = parseDocument(text, { uniqueKeys: true });
  const [problem] = yaml.errors;
  if (problem?.code === 'MULTIPLE_DOCS') {
    const line = problem.linePos?.[0].line;
    throw refuse(
      `${kind.name} holds several YAML documents, the second from line ${line}`,
      'Write each into a file of its own, without `---` between them.',
    );
  }
  try {
    if (problem) throw problem;
    if (isMap(yaml.contents)) return yaml.toJS() as Record<string, unknown>;
  } catch (error) {
    // A missing anchor, or one that expands without end, is found only when values are made.
    const { message } = error as Error;
    throw refuse((message.split('\n')[0] ?? message).replace(/:$/, ''), 'Mend it as YAML.', error);
  }
  throw refuse(`${kind.name} ${contentOf(text, yaml.toJS())}`, `Write at least ${kind.least}.`);
}

/** Describes what a file holds instead of a mapping. */
function contentOf(text: string, value: unknown): string {
  if (text.replace(/^\uFEFF/, '').trim() === '') return 'is empty';
  if (value === null) return /^\s*[^#\s]/m.test(text) ? 'holds no keys' : 'holds only comments';
  const held = `holds ${kindOf(value)}, and must hold keys with values`;
  return typeof value === 'string' ? `${held}: a colon and a space follow each key` : held;
}
