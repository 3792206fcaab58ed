import { versionLayout } from '../../../core/layout.js';
import { type FirstManifest, partsOf } from '../../../core/manifest.js';
import type { VectorPartFile } from '../../../core/part.js';
import { parseManifest } from '../../../engine/version/read-manifest.js';
import type { SimulatedBucket } from '../store/simulated-bucket.js';
import { SIMULATED_DATASET } from './names.js';

/** Reads which files versions list straight out of a bucket, each manifest once. */
export class ManifestReader {
  readonly #bucket: Pick<SimulatedBucket, 'peek'>;
  readonly #known = new Map<string, readonly VectorPartFile[]>();

  constructor(bucket: Pick<SimulatedBucket, 'peek'>) {
    this.#bucket = bucket;
  }

  /** Returns the parts of a version. Undefined where it has no manifest. */
  partsOf(version: string): readonly VectorPartFile[] | undefined {
    const found = this.#bucket.peek(versionLayout(SIMULATED_DATASET, version).manifest);
    if (!found) return undefined;
    const name = `${version} ${found.etag}`;
    const known = this.#known.get(name);
    if (known) return known;
    const manifest = parseManifest(found.bytes, found.key) as FirstManifest;
    const parts = Array.from(partsOf(manifest), ({ vectors }) => vectors);
    this.#known.set(name, parts);
    return parts;
  }
}
