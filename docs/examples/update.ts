// The example of packages/manifest/README.md; test/e2e/examples.test.ts runs it as it stands.
import type { JsonObject } from '@morphee/core'
import {
  authorityOf,
  type Artifact,
  describePermissions,
  differenceOfAuthority,
  readArtifact,
} from '@morphee/manifest'

// #region
/** What a page shows before an update, as JSON: the words are those of the command line and of the host's own proposal. */
export function describeUpdate(
  installed: Uint8Array,
  offered: Uint8Array,
  config: JsonObject,
): JsonObject {
  const authority = ({ manifest, assets }: Artifact) => authorityOf(manifest, { config, assets })
  const next = readArtifact(offered)
  const changes = differenceOfAuthority(authority(readArtifact(installed)), authority(next))
  return {
    asksFor: describePermissions(next.manifest, config).map(({ title, scopes }) => ({
      title,
      scopes: [...scopes],
    })),
    // What the author wrote stands in quotes in a line; a page sets it as text, never as markup.
    changes: changes.map(({ line }) => line),
    waitsForYes: changes.some(({ wider }) => wider),
  }
}
// #endregion
