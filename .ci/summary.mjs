// Prints one line from Vitest's JSON reports: `N passed, N failed[, N skipped]`, all runs together. Parameters: the exit code
// of the check, then for each run its report and its exit code.
// Plain JavaScript, for it must work where even `npm ci` failed.
import { readFileSync } from 'node:fs';

const [checkCode, ...runs] = process.argv.slice(2);
const total = { passed: 0, failed: checkCode === '0' ? 0 : 1, skipped: 0 };
for (let at = 0; at < runs.length; at += 2) {
  const count = countOf(runs[at]);
  // A run that died, or did nothing, has no failed test to show for it.
  if (count.failed === 0 && (runs[at + 1] !== '0' || count.passed === 0)) count.failed = 1;
  for (const state of Object.keys(total)) total[state] += count[state];
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);

function countOf(file) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of reportOf(file).testResults) {
    for (const test of assertionResults)
      count[test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped'] += 1;
    // A file that could not be loaded, or whose hooks failed, has no failed test to show for it.
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) count.failed += 1;
  }
  return count;
}

function reportOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { testResults: [] };
  }
}
