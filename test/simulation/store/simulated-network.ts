import type { FaultSource } from '../schedule/faults.js';
import type { Scheduler } from '../schedule/scheduler.js';
import type { SimulatedBucket } from './simulated-bucket.js';

/** The bucket that all processes of a simulation use, and what comes between it and them. */
export interface SimulatedNetwork {
  bucket: SimulatedBucket;
  scheduler: Pick<Scheduler, 'turn'>;
  faults: FaultSource;
  /** Is told what happens to each request, once it happens. */
  onRequest?: ((line: string) => void) | undefined;
}
