import { refsPrefix, tombstoneKey, versionLayout, versionsPrefix } from '../../../core/layout.js';
import type { RefMove, RefRecord } from '../../../core/ref.js';
import type { Tombstone } from '../../../core/retention/tombstone.js';
import { sha256 } from '../../../engine/files/hash.js';
import type { MovedRef } from '../../../engine/version/move-ref.js';
import { parseRef } from '../../../engine/version/read-ref.js';
import type { BucketChange, BucketObject, SimulatedBucket } from '../store/simulated-bucket.js';
import { ManifestReader } from './listed-files.js';
import { REF, SIMULATED_DATASET, versionOfKey } from './names.js';
import { rowsOfStandIn } from './stand-in-part.js';

const REFS = refsPrefix(SIMULATED_DATASET);
const VERSIONS = versionsPrefix(SIMULATED_DATASET);
const TOMBSTONES = tombstoneKey(SIMULATED_DATASET, '').slice(0, -'.json'.length);

/** The things that rules are about, and who is told of a breach. */
interface RuledWorld {
  readonly bucket: Pick<SimulatedBucket, 'peek' | 'keys'>;
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
  readonly #manifests: ManifestReader;

  constructor(world: RuledWorld) {
    this.#world = world;
    this.#manifests = new ManifestReader({ peek: (key) => world.bucket.peek(key) });
  }

  check({ key, before, after }: BucketChange): void {
    if (key.startsWith(REFS)) this.#checkRef(key, before, after);
    else if (key.startsWith(TOMBSTONES)) this.#checkTombstone(key, before, after);
    else if (!key.startsWith(VERSIONS)) return;
    else if (!after) this.#checkDeletion(key);
    else this.#checkFile(key, before, after);
  }

  /** Returns whether a version is being deleted, or is gone. */
  isDeleting(version: string): boolean {
    const found = this.#world.bucket.peek(tombstoneKey(SIMULATED_DATASET, version));
    return found !== undefined && recordOf<Tombstone>(found).state === 'deleting';
  }

  #checkFile(key: string, before: BucketObject | undefined, after: BucketObject): void {
    if (before && before.etag !== after.etag)
      this.#world.violate('what is written once stays', `${key} was overwritten`);
    if (!before && key === versionLayout(SIMULATED_DATASET, versionOfKey(key)).manifest)
      this.#checkVersion(versionOfKey(key), key);
  }

  /** Checks that only files of deleted versions go, and only those that no other version lists. */
  #checkDeletion(key: string): void {
    const version = versionOfKey(key);
    if (!this.isDeleting(version))
      this.#world.violate('nothing needed goes', `${key} was deleted, and ${version} was not`);
    for (const other of this.#readable())
      if (this.#manifests.partsOf(other)?.some((part) => part.key === key))
        this.#world.violate('nothing needed goes', `${key} was deleted, and ${other} lists it`);
  }

  #checkTombstone(key: string, before: BucketObject | undefined, after: BucketObject | undefined): void {
    const wasDeleting = before !== undefined && recordOf<Tombstone>(before).state === 'deleting';
    const state = after && recordOf<Tombstone>(after).state;
    if (wasDeleting && state !== 'deleting')
      this.#world.violate('deleting is for good', `${key} went from deleting to ${state}`);
    if (state !== 'deleting') return;
    const version = key.slice(TOMBSTONES.length, -'.json'.length);
    if (this.#named() === version)
      this.#world.violate('no ref names what is deleted', `${version} is deleted, and the ref names it`);
  }

  #checkRef(key: string, before: BucketObject | undefined, after: BucketObject | undefined): void {
    if (!after) {
      this.#world.violate('refs stay', `${key} was deleted`);
      return;
    }
    const was = before && parseRef(before.bytes, key);
    const is = parseRef(after.bytes, key);
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
    if (this.isDeleting(is.version))
      this.#world.violate('no ref names what is deleted', `${is.writeId} names ${is.version}`);
    else this.#checkVersion(is.version, key);
  }

  /** Checks that a version has all its files, and exactly the rows of its night. */
  #checkVersion(version: string, why: string): void {
    // A late writer of a deleted version removes its manifest again.
    if (this.isDeleting(version)) return;
    const { bucket } = this.#world;
    const isNotWhole = (what: string) => this.#world.violate('ref, manifest, files', `${why}: ${what}`);
    const parts = this.#manifests.partsOf(version);
    if (!parts) {
      isNotWhole(`${version} has no manifest`);
      return;
    }
    const rows: string[] = [];
    for (const { key, sha256: wanted } of parts) {
      const file = bucket.peek(key);
      if (file && sha256(file.bytes) === wanted) rows.push(...rowsOfStandIn(file.bytes));
      else isNotWhole(`${key} is ${file ? 'another file' : 'gone'}`);
    }
    this.checkRows(version, rows);
  }

  /** Checks that who moved a ref was told what happened. */
  checkAnswer({ version, writeId, expected = 0 }: RefMove, { outcome }: Pick<MovedRef, 'outcome'>): void {
    if (outcome === 'held') return;
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

  /** Checks that of versions that are deleted nothing is left but what others list. */
  checkRemains(): void {
    const listed = new Set<string>();
    for (const version of this.#readable())
      for (const { key } of this.#manifests.partsOf(version) ?? []) listed.add(key);
    for (const key of this.#world.bucket.keys())
      if (key.startsWith(VERSIONS) && this.isDeleting(versionOfKey(key)) && !listed.has(key))
        this.#world.violate('nothing dead stays', `${key} is left`);
  }

  /** Returns the versions with a manifest that are not being deleted. */
  #readable(): string[] {
    const versions = new Set<string>();
    for (const key of this.#world.bucket.keys())
      if (key.startsWith(VERSIONS)) versions.add(versionOfKey(key));
    return [...versions].filter((version) => !this.isDeleting(version) && this.#manifests.partsOf(version));
  }

  #named(): string | undefined {
    const found = this.#world.bucket.peek(`${REFS}${REF}.json`);
    return found && parseRef(found.bytes, REF).version;
  }
}

function recordOf<T>({ bytes }: BucketObject): T {
  return JSON.parse(Buffer.from(bytes).toString()) as T;
}
