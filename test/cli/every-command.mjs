/**
 * Runs one command line after the other as the built command does, in this process, once a line has
 * arrived on stdin. Then it prints their exit codes to stderr. The argument is a JSON list of
 * command lines. It is plain JavaScript, because loading the sources takes longer than many of the
 * commands.
 */
const built = (file) => import(new URL(`../../dist/cli/${file}`, import.meta.url).href);
const { runProgram } = await built('run-program.js');
const { guardStandardStreams } = await built('standard-streams.js');

guardStandardStreams();
const lines = JSON.parse(process.argv[2] ?? '[]');
await new Promise((resolve) => process.stdin.once('data', resolve));
const codes = [];
for (const line of lines) {
  process.exitCode = 0;
  await runProgram(line);
  codes.push(process.exitCode);
}
console.error(`codes ${JSON.stringify(codes)}`);
process.exitCode = 0;
process.stdin.destroy();
