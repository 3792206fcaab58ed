import type { VersionLayout } from '../../../core/layout.js';
import type { FirstManifest, Manifest } from '../../../core/manifest.js';
import { collect } from '../../../engine/retention/collect.js';
import { commitShard } from '../../../engine/steps/commit-shard.js';
import { ensurePart } from '../../../engine/steps/ensure-part.js';
import { settleVersion } from '../../../engine/steps/write-manifest.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { S3Store } from '../../../engine/store/s3-store.js';
import { createOnce, encodeJson } from '../../../engine/version/create-once.js';
import { createVersion } from '../../../engine/version/create-version.js';
import { movePinned } from '../../../engine/version/move-pinned.js';
import { pinVersions } from '../../../engine/version/pins.js';
import { parseManifest } from '../../../engine/version/read-manifest.js';

/**
 * The product's functions that make versions safe, as the actors call them. A mutation replaces one
 * of them, to show that the simulation would find that fault.
 */
export interface Protocol {
  /** Opens the store of a process. */
  openStore: (options: ConstructorParameters<typeof S3Store>[0]) => ObjectStore;
  pinVersions: typeof pinVersions;
  createVersion: typeof createVersion;
  ensurePart: typeof ensurePart;
  commitShard: typeof commitShard;
  createManifest: (store: ObjectStore, layout: VersionLayout, manifest: FirstManifest) => Promise<Manifest>;
  settleVersion: typeof settleVersion;
  movePinned: typeof movePinned;
  collect: typeof collect;
}

export const PROTOCOL: Protocol = {
  openStore: (options) => new S3Store(options),
  pinVersions,
  createVersion,
  ensurePart,
  commitShard,
  createManifest: async (store, layout, manifest) => {
    const { bytes } = await createOnce(store, layout.manifest, encodeJson(manifest));
    return parseManifest(bytes, layout.manifest);
  },
  settleVersion,
  movePinned,
  collect,
};
