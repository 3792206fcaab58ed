import { type KeyRun, liveAfter } from '../../../core/carry/live-ranges.js';
import type { SecondManifest } from '../../../core/manifest.js';
import { rowsIn } from '../../../core/version-parts.js';
import { type ManifestOrigins, originsOf } from '../../version/manifest-origins.js';
import type { OpenVersion } from '../../version/open-version.js';
import { type PartLists, partFiles, readPartLists } from '../../version/read-manifest.js';
import type { ListablePart, ListableParts } from '../compaction/compact-parts.js';
import { readRunsByShard } from './dead-rows.js';

/** A parent whose parts are carried over. */
interface Carried {
  manifest: SecondManifest;
  lists: PartLists;
  origins: ManifestOrigins;
  dead: ReadonlyMap<number, readonly KeyRun[]>;
}

/** The parts of the parent that have rows which live in a version, with these rows. */
export class LivingParts {
  readonly #version: OpenVersion;
  readonly #carried: Carried | undefined;
  /** The places in the parent's lists of the parts that have live rows. */
  readonly #places: readonly number[];
  /** The listed parts that came from the parent, whose origins are among those of the parent. */
  readonly #ofParent = new WeakSet<ListablePart>();

  private constructor(version: OpenVersion, carried: Carried | undefined) {
    this.#version = version;
    this.#carried = carried;
    this.#places = carried ? livingPlaces(carried) : [];
  }

  /**
   * Reads the lists of the parent, which are in memory as they are encoded, and the rows that died.
   * Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED.
   */
  static async open(version: OpenVersion, manifest: SecondManifest | undefined): Promise<LivingParts> {
    if (!manifest) return new LivingParts(version, undefined);
    const { store, layout } = version;
    const lists = await readPartLists(store, manifest);
    const dead = await readRunsByShard(store, layout.deadRows);
    return new LivingParts(version, { manifest, lists, origins: originsOf(store, manifest), dead });
  }

  /** Returns these parts and then those of the version's own shards. */
  followedBy(own: readonly ListablePart[]): ListableParts {
    const { length } = this.#places;
    return {
      length: length + own.length,
      at: (place) => (place < length ? this.#at(this.#places[place]!) : own[place - length]!),
      filesOf: (listed) => {
        const { part, vectors } = listed;
        const { layout } = this.#version;
        const isOfParent = this.#ofParent.has(listed);
        const layoutOf = isOfParent ? this.#carried!.origins.layoutOf : () => layout;
        return partFiles(layoutOf, part, vectors);
      },
    };
  }

  /** Returns a part with the places of its origins in `origins`, to which these are added. */
  withOrigins(listed: ListablePart, origins: string[]): ListablePart {
    if (!this.#ofParent.has(listed)) return listed;
    const originOf = (place: number) => {
      // The files of the parent were looked up below these before, so that each is named.
      const name = this.#carried!.manifest.origins[place]!;
      if (!origins.includes(name)) origins.push(name);
      return origins.indexOf(name);
    };
    const { part, vectors } = listed;
    return {
      part: { ...part, origin: originOf(part.origin) },
      vectors: { ...vectors, origin: originOf(vectors.origin) },
    };
  }

  #at(place: number): ListablePart {
    const { lists, dead } = this.#carried!;
    const part = lists.parts.at(place);
    const listed = { part: { ...part, live: liveAfter(part, dead) }, vectors: lists.vectors.at(place) };
    this.#ofParent.add(listed);
    return listed;
  }
}

function livingPlaces({ lists: { parts }, dead }: Carried): number[] {
  const places: number[] = [];
  for (let place = 0; place < parts.length; place += 1)
    if (rowsIn(liveAfter(parts.at(place), dead)) > 0) places.push(place);
  return places;
}
