import { type VersionLayout, versionLayout } from '../../core/layout.js';
import type { SecondManifest } from '../../core/manifest.js';
import type { ObjectStore } from '../store/object-store.js';
import { recordDamaged } from './read-json-record.js';

/** The versions below which the listed files of a version lie. */
export interface ManifestOrigins {
  layouts: readonly VersionLayout[];
  /** Returns where the files of an origin lie. Errors: FILE_DAMAGED if the manifest names none. */
  layoutOf(origin: number): VersionLayout;
}

/**
 * Returns the origins that a manifest names. The layouts are made once, because every part that is
 * read asks for two.
 */
export function originsOf(
  { root }: Pick<ObjectStore, 'root'>,
  { dataset, version, origins }: Pick<SecondManifest, 'dataset' | 'version' | 'origins'>,
): ManifestOrigins {
  const layouts = origins.map((name) => versionLayout(dataset, name));
  return {
    layouts,
    layoutOf: (origin) => {
      const layout = layouts[origin];
      if (layout) return layout;
      const file = `${root}/${versionLayout(dataset, version).manifest}`;
      throw recordDamaged(file, `names ${origins.length} origins, and its lists have files of another`);
    },
  };
}
