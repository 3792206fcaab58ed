import { delimiter, dirname, join } from 'node:path';
import { VectormillError } from '../core/errors.js';
import { fetchNode } from './fetch-node.js';
import { TESTS_ON_OTHER_NODES } from './other-nodes.js';
import { PROJECT, STATE_FOLDER } from './project.js';
import { runProcess } from './run-process.js';
import { runScript } from './run-script.js';

/**
 * `make test-node NODE=24`: runs the tests that a release of Node can break, on the newest release
 * of that line.
 */
await runScript(async () => {
  const line = process.argv[2] ?? '';
  if (!/^\d+$/.test(line))
    throw new VectormillError('USAGE', `"${line}" is no line of Node`, {
      component: 'infra',
      remedy: 'Name one by its number, as in `make test-node NODE=24`.',
    });
  const node = await fetchNode(line);
  console.log(`Node ${line}: ${node.version}, ${node.path}`);
  const environment = { PATH: `${dirname(node.path)}${delimiter}${process.env.PATH ?? ''}` };
  const vitest = join(PROJECT, 'node_modules', 'vitest', 'vitest.mjs');
  const results = `--outputFile.json=${join(STATE_FOLDER, `test-results-node-${line}.json`)}`;
  const tests = Object.keys(TESTS_ON_OTHER_NODES);
  process.exitCode = await runProcess(node.path, [vitest, 'run', results, ...tests], { environment });
});
