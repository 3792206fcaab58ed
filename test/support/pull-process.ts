import { parseHubName } from '../../core/model-lock.js';
import { pullFromHub } from '../../engine/model/fetch/pull-from-hub.js';

/** Pulls the model that the first argument names, and prints `done` at last. */
const { source, folder } = await pullFromHub(parseHubName(process.argv[2]!)!, { log: console.log });
console.log(`done ${source} ${folder}`);
