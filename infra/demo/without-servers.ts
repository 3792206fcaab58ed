import { mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { PROJECT } from '../project.js';
import { runScript } from '../run-script.js';
import { DEMO_FOLDER, MODEL, printTitle, runDemo } from './demo-command.js';

const QUERY = 'What is lost when a worker is killed?';

/**
 * The first part of `make demo`: embeds this project's own pages in one process and searches them,
 * while the servers of the second part may still be compiled.
 */
await runScript(() =>
  runDemo(async (command) => {
    await rm(DEMO_FOLDER, { recursive: true, force: true });
    await mkdir(DEMO_FOLDER, { recursive: true });
    const output = relative(PROJECT, join(DEMO_FOLDER, 'vectors'));
    printTitle(`npx vectormill embed ./docs --output ${output}`);
    await command(['embed', './docs', '--model', MODEL, '--output', output]);
    printTitle(`npx vectormill search docs "${QUERY}" --output ${output} --top 2`);
    await command(['search', 'docs', QUERY, '--output', output, '--top', '2']);
  }),
);
