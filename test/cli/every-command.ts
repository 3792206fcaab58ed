import { runProgram } from '../../cli/run-program.js';
import { guardStandardStreams } from '../../cli/standard-streams.js';

/**
 * Runs one command line after the other as the command does, in this process, once a line has
 * arrived on stdin. Then it prints their exit codes to stderr. The argument is a JSON list of
 * command lines.
 */
guardStandardStreams();
const lines = JSON.parse(process.argv[2] ?? '[]') as string[][];
await new Promise((resolve) => process.stdin.once('data', resolve));
const codes: unknown[] = [];
for (const line of lines) {
  process.exitCode = 0;
  await runProgram(line);
  codes.push(process.exitCode);
}
console.error(`codes ${JSON.stringify(codes)}`);
process.exitCode = 0;
process.stdin.destroy();
