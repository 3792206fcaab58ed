import { describe, expect, test } from 'vitest';
import { parseJob, parseModel } from '../../../engine/job/parse-job.js';
import { parseMiningJob } from '../../../engine/job/parse-mining-job.js';
import { parseSchedule } from '../../../engine/schedule/parse-schedule.js';

const readText = () => Promise.reject(new Error('no file'));

/** Every kind of file that a user writes, with what the smallest one needs. */
const FILES: readonly [kind: string, parse: (text: string) => unknown, least: string][] = [
  ['the job file', (text) => parseJob(text, 'a.yaml'), '`dataset`, `input`, `output` and `model`'],
  ['the mining job file', (text) => parseMiningJob(text, 'a.yaml'), '`dataset` and `output`'],
  ['the schedule file', (text) => parseSchedule(text, 'a.yaml', readText), '`name`, `cron` and `job`'],
  ['the model file', (text) => parseModel(text, 'a.yaml'), '`source`'],
];

async function refusalOf(parse: (text: string) => unknown, text: string) {
  try {
    await parse(text);
  } catch (error) {
    return error as { code: string; message: string; remedy: string };
  }
  throw new Error('it was not refused');
}

describe.each(FILES)('%s', (kind, parse, least) => {
  test.each([
    ['nothing', '', 'is empty'],
    ['a byte-order mark', '\uFEFF', 'is empty'],
    ['blank lines', '\n  \n', 'is empty'],
    ['comments', '# dataset: d\n# more\n', 'holds only comments'],
    ['the beginning of a document', '---\n', 'holds no keys'],
    ['null', 'null\n', 'holds no keys'],
    ['a list', '- dataset: d\n', 'holds a list, and must hold keys with values'],
    ['an empty list', '[]', 'holds a list'],
    ['a text', 'just words\n', 'holds a text'],
    [
      'a key without a space after its colon',
      'dataset:d\ninput:e\n',
      'holds a text, and must hold keys with values: a colon and a space follow each key',
    ],
    ['a number', '5', 'holds a number'],
  ])('with %s is refused with what it is and what to write', async (_, text, found) => {
    const { code, message, remedy } = await refusalOf(parse, text);
    expect(code).toBe('JOB_INVALID');
    expect(message).toContain(`a.yaml: ${kind} ${found}`);
    expect(remedy).toContain(`Write at least ${least}`);
    expect(remedy).toMatch(/docs\/[a-z-]+\.md lists every key/);
  });

  test('with several documents is refused with the line of the second', async () => {
    const { message, remedy } = await refusalOf(parse, 'dataset: d\n---\ndataset: e\n');
    expect(message).toContain(`${kind} holds several YAML documents, the second from line 2`);
    expect(remedy).toContain('a file of its own');
  });

  test('that is not YAML is refused with the place', async () => {
    const { message } = await refusalOf(parse, 'dataset: d\n\tinput: e\n');
    expect(message).toMatch(/a\.yaml: Tabs are not allowed as indentation at line 2, column 1$/);
  });
});
