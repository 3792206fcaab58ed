// Prints one line from Vitest's JSON report: `N passed, N failed[, N skipped]`.
// Plain JavaScript, for it must work where even `npm ci` failed.
import { readFileSync } from 'node:fs';

const [file, checkCode, testCode] = process.argv.slice(2);
const count = { passed: 0, failed: checkCode === '0' ? 0 : 1, skipped: 0 };
let report;
try {
  report = JSON.parse(readFileSync(file, 'utf8'));
} catch {
  report = { testResults: [] };
}
for (const { status, assertionResults } of report.testResults) {
  for (const test of assertionResults) {
    count[test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped'] += 1;
  }
  // A file that could not be loaded, or whose hooks failed, has no failed test to show for it.
  if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) count.failed += 1;
}
if (count.failed === 0 && (testCode !== '0' || count.passed === 0)) count.failed = 1;
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
