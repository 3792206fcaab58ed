import { openStore } from '../../../engine/store/open-store.js';
import { type Committed, commitAtOnce } from './committers.js';

/** A process of several committers, which prints whose commit each of them found in each round. */
const { root, rounds, attempts } = JSON.parse(process.argv[2]!) as {
  root: string;
  rounds: number;
  attempts: string[];
};
const store = openStore(root);
const committed: Committed[][] = [];
for (let round = 0; round < rounds; round += 1) committed.push(await commitAtOnce(store, round, attempts));
console.log(JSON.stringify(committed));
