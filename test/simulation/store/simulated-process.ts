import type { S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { S3Store } from '../../../engine/store/s3-store.js';
import { SimulatedClient } from './simulated-client.js';
import type { SimulatedNetwork } from './simulated-network.js';

/** The sizes in bytes from which on objects are uploaded in parts, and of these parts. */
export interface UploadSizes {
  multipartThresholdBytes: number;
  partBytes: number;
}

/** The machine on which a process runs. */
export interface SimulatedMachine {
  now: () => number;
  uploads?: UploadSizes | undefined;
  openStore?: (options: ConstructorParameters<typeof S3Store>[0]) => ObjectStore;
}

/** The number of attempts that the S3 store makes at a request. */
const ATTEMPTS = 3;

/** A process that works on the bucket, through the S3 store with its retries as they are. */
export class SimulatedProcess {
  readonly name: string;
  readonly store: ObjectStore;
  /** Resolves when the process is believed to be dead. It may be alive nevertheless. */
  readonly lost: Promise<void>;
  /** The time of the machine. */
  readonly now: () => number;

  constructor(
    name: string,
    network: SimulatedNetwork,
    { now, uploads, openStore = (options) => new S3Store(options) }: SimulatedMachine,
  ) {
    this.name = name;
    this.now = now;
    let believeDead = () => {};
    this.lost = new Promise((resolve) => {
      believeDead = resolve;
    });
    this.store = openStore({
      client: new SimulatedClient(name, network, () => believeDead()) as unknown as S3Client,
      bucket: 'bucket',
      prefix: '',
      retryPolicy: { attempts: ATTEMPTS, baseMs: 0, capMs: 0 },
      sleep: async () => {},
      ...uploads,
    });
  }
}
