export { buildIndex } from './build-index.js';
export { embedJob } from './embed-job.js';
export { lane } from './lane.js';
export { mineJob } from './mine-job.js';
export { nightlyJob } from './nightly-job.js';
