import { versionLayout } from '../../../core/layout.js';
import { type FirstManifest, partsOf } from '../../../core/manifest.js';
import type { RefMove, RefRecord } from '../../../core/ref.js';
import { sha256 } from '../../../engine/files/hash.js';
import type { MovedRef } from '../../../engine/version/move-ref.js';
import type { BucketChange, BucketObject, SimulatedBucket } from '../store/simulated-bucket.js';
import { SIMULATED_DATASET } from './names.js';
import { rowsOfStandIn } from './stand-in-part.js';

const REFS = `${SIMULATED_DATASET}/refs/`;
const VERSIONS = `${SIMULATED_DATASET}/versions/`;

/** The things that rules are about, and who is told of a breach. */
interface RuledWorld {
  readonly bucket: Pick<SimulatedBucket, 'peek'>;
  /** Returns the rows that a version must have, in order. */
  rowsOf(version: string): readonly string[];
  violate(rule: string, what: string): void;
}

/** Checks after each change of the bucket, whoever made it, that all promises still hold. */
export class BucketRules {
  /** The generation that each move of a ref expects, by its write id. */
  readonly expectedGenerations = new Map<string, number | undefined>();
  /** All moves of refs in the order in which they happened. */
  readonly moves: RefRecord[] = [];
  readonly #world: RuledWorld;

  constructor(world: RuledWorld) {
    this.#world = world;
  }

  check({ key, before, after }: BucketChange): void {
    if (key.startsWith(REFS)) this.#checkRef(key, before, after);
    else if (key.startsWith(VERSIONS)) this.#checkFile(key, before, after);
  }

  #checkFile(key: string, before: BucketObject | undefined, after: BucketObject | undefined): void {
    if (before && after && before.etag !== after.etag)
      this.#world.violate('what is written once stays', `${key} was overwritten`);
    if (!before && after && key.endsWith('/manifest.json')) this.#checkVersion(versionOfKey(key), key);
  }

  #checkRef(key: string, before: BucketObject | undefined, after: BucketObject | undefined): void {
    if (!after) {
      this.#world.violate('refs stay', `${key} was deleted`);
      return;
    }
    const [was, is] = [before && recordOf<RefRecord>(before), recordOf<RefRecord>(after)];
    if (was?.generation === is.generation && was.writeId === is.writeId) return;
    this.moves.push(is);
    const generation = was?.generation ?? 0;
    const expected = this.expectedGenerations.get(is.writeId);
    if (is.generation !== generation + 1)
      this.#world.violate('a move counts once', `${key} went from ${generation} to ${is.generation}`);
    if (expected !== generation)
      this.#world.violate(
        'a move happens if the ref was not moved since',
        `${is.writeId} expected ${expected}, and the ref was at ${generation}`,
      );
    this.#checkVersion(is.version, key);
  }

  /** Checks that a version has all its files, and exactly the rows of its night. */
  #checkVersion(version: string, why: string): void {
    const { bucket } = this.#world;
    const isNotWhole = (what: string) => this.#world.violate('ref, manifest, files', `${why}: ${what}`);
    const found = bucket.peek(versionLayout(SIMULATED_DATASET, version).manifest);
    if (!found) {
      isNotWhole(`${version} has no manifest`);
      return;
    }
    const rows: string[] = [];
    for (const { vectors } of partsOf(recordOf<FirstManifest>(found))) {
      const file = bucket.peek(vectors.key);
      if (file && sha256(file.bytes) === vectors.sha256) rows.push(...rowsOfStandIn(file.bytes));
      else isNotWhole(`${vectors.key} is ${file ? 'another file' : 'gone'}`);
    }
    this.checkRows(version, rows);
  }

  /** Checks that who moved a ref was told what happened. */
  checkAnswer({ version, writeId, expected = 0 }: RefMove, { outcome }: Pick<MovedRef, 'outcome'>): void {
    const isTrue =
      outcome === 'superseded'
        ? this.moves.some((move) => move.generation > expected && move.writeId !== writeId)
        : this.moves.some((move) => move.version === version);
    if (!isTrue)
      this.#world.violate('answers are true', `${writeId} was told ${outcome}, which did not happen`);
  }

  /** Checks that these are all rows of a version, each once, and no others. */
  checkRows(version: string, rows: readonly string[]): void {
    const [found, wanted] = [[...rows].sort().join(' '), this.#world.rowsOf(version).join(' ')];
    if (found !== wanted)
      this.#world.violate('each row once', `${version} has the rows ${found} and not ${wanted}`);
  }
}

function recordOf<T>({ bytes }: BucketObject): T {
  return JSON.parse(Buffer.from(bytes).toString()) as T;
}

function versionOfKey(key: string): string {
  return key.slice(VERSIONS.length).split('/')[0]!;
}
