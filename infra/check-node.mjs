// Refuses a Node that package.json's `engines` leaves out. Plain JavaScript without packages, for it runs before `npm ci`,
// on any Node.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const version = process.argv[2] ?? process.versions.node;
const [major, minor] = version.split('.').map(Number);
const ranges = [...engines.node.matchAll(/(\^|>=)(\d+)\.(\d+)\.0/g)];
const isSupported = ranges.some(([, kind, oldestMajor, oldestMinor]) => {
  if (major !== Number(oldestMajor)) return kind === '>=' && major > Number(oldestMajor);
  return minor >= Number(oldestMinor);
});
if (!isSupported) {
  console.error(`This is Node ${version}, and vectormill needs ${engines.node}.`);
  process.exit(1);
}
