import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import type { FaultKind, RequestKind } from '../schedule/faults.js';
import { S3Refusal } from './s3-refusal.js';
import { SimulatedBody } from './simulated-body.js';
import type { S3Request } from './simulated-bucket.js';
import type { SimulatedNetwork } from './simulated-network.js';

const NEVER = new Promise<never>(() => {});
/** The greatest number of steps of others for which a process stalls. */
const LONGEST_STALL = 120;
const PIECE_BYTES = 1 << 20;

/**
 * Stands for the SDK's client in the S3 store of one process. Every request waits for its turn, and
 * may meet a fault.
 */
export class SimulatedClient {
  readonly #process: string;
  readonly #network: SimulatedNetwork;
  readonly #onLost: () => void;
  #requests = 0;
  #isDead = false;

  /** `onLost` is called when the process is believed to be dead. */
  constructor(process: string, network: SimulatedNetwork, onLost: () => void) {
    this.#process = process;
    this.#network = network;
    this.#onLost = onLost;
  }

  destroy(): void {}

  async send(request: S3Request, options: { abortSignal?: AbortSignal } = {}): Promise<unknown> {
    if (this.#isDead) return NEVER;
    // Each store asks once whether the bucket is there, which no order and no fault makes matter.
    if (request instanceof HeadBucketCommand) return {};
    const number = this.#requests++;
    const fault = this.#network.faults(this.#process, number, kindOf(request));
    if (fault === 'stall') {
      this.#onLost();
      this.#network.onRequest?.(`${this.#process} stalls, and is believed to be dead`);
      await this.#network.scheduler.turn(this.#process, 1 + ((number * 37) % LONGEST_STALL));
    } else await this.#network.scheduler.turn(this.#process);
    if (this.#isDead) return NEVER;
    if (options.abortSignal?.aborted) throw aborted();
    return this.#carryOut(request, fault);
  }

  #carryOut(request: S3Request, fault: FaultKind | undefined): unknown {
    if (fault === 'unavailable') throw this.#fails(request, fault, S3Refusal.answer('SlowDown', 503));
    if (fault === 'conflict')
      throw this.#fails(request, fault, S3Refusal.answer('ConditionalRequestConflict', 409));
    if (fault === 'lost request') throw this.#fails(request, fault, S3Refusal.brokenConnection());
    if (fault === 'late request') {
      void this.#arriveLate(request);
      throw this.#fails(request, fault, S3Refusal.brokenConnection());
    }
    if (fault === 'crash before') return this.#crash(request, fault);
    const answer = this.#answer(request, fault);
    if (fault === 'crash after') return this.#crash(request, fault);
    if (fault === 'lost answer') throw S3Refusal.brokenConnection();
    return answer;
  }

  /** Carries the request out. Faults after that do not hide that it was refused from the trace. */
  #answer(request: S3Request, fault: FaultKind | undefined): unknown {
    try {
      const answer = this.#network.bucket.execute(request) as { Body?: Uint8Array };
      this.#note(request, `done${fault === undefined || fault === 'stall' ? '' : ` (${fault})`}`);
      return answer.Body ? { ...answer, Body: this.#bodyOf(answer.Body, fault) } : answer;
    } catch (error) {
      this.#note(request, `${(error as Error).name}${fault === 'lost answer' ? ' (lost answer)' : ''}`);
      if (fault === 'lost answer') throw S3Refusal.brokenConnection();
      if (fault === 'crash after') return undefined;
      throw error;
    }
  }

  #bodyOf(bytes: Uint8Array, fault: FaultKind | undefined): SimulatedBody {
    if (fault !== 'slow body' && fault !== 'broken body')
      return new SimulatedBody(pieces(bytes, PIECE_BYTES));
    const middle = bytes.length >> 1;
    return new SimulatedBody([bytes.subarray(0, middle), bytes.subarray(middle)], async (piece) => {
      if (piece === 0) return;
      await this.#network.scheduler.turn(this.#process);
      if (fault === 'broken body') throw S3Refusal.brokenConnection();
    });
  }

  async #arriveLate(request: S3Request): Promise<void> {
    const actor = `late request of ${this.#process}`;
    await this.#network.scheduler.turn(actor, 1 + ((this.#requests * 53) % LONGEST_STALL));
    try {
      this.#network.bucket.execute(request);
      this.#network.onRequest?.(`${actor}: ${described(request)}: done`);
    } catch (error) {
      this.#network.onRequest?.(`${actor}: ${described(request)}: ${(error as Error).name}`);
    }
  }

  #crash(request: S3Request, fault: FaultKind): Promise<never> {
    this.#note(request, fault);
    this.#isDead = true;
    this.#onLost();
    return NEVER;
  }

  #fails(request: S3Request, fault: FaultKind, error: S3Refusal): S3Refusal {
    this.#note(request, fault);
    return error;
  }

  #note(request: S3Request, what: string): void {
    const { onRequest } = this.#network;
    if (onRequest) onRequest(`${this.#process}: ${described(request)}: ${what}`);
  }
}

function pieces(bytes: Uint8Array, length: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, place) => bytes.subarray(place * length, (place + 1) * length));
}

function kindOf(request: S3Request): RequestKind {
  if (request instanceof GetObjectCommand) return 'body';
  if (request instanceof HeadObjectCommand || request instanceof ListObjectsV2Command) return 'read';
  return conditionOf(request) === '' ? 'write' : 'conditional write';
}

function conditionOf({ input }: S3Request): string {
  if ('IfNoneMatch' in input && input.IfNoneMatch !== undefined) return ' if absent';
  if ('IfMatch' in input && input.IfMatch !== undefined) return ` if it is ${input.IfMatch}`;
  return '';
}

function described(request: S3Request): string {
  const what = request.constructor.name.replace('Command', '');
  const { input } = request;
  const key = 'Prefix' in input ? input.Prefix : 'Key' in input ? input.Key : '';
  return `${what} ${key}${conditionOf(request)}`;
}

function aborted(): Error {
  const error = new Error('the request was aborted');
  error.name = 'AbortError';
  return error;
}
