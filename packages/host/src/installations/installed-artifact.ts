import { type Digest, digestOf } from '@morphee/core'
import type { CompiledArtifact } from '../extension/compiled-artifact.ts'
import { corrupt } from './installation-errors.ts'
import type { InstallationServices } from './installation-services.ts'
import { committed, readArtifactBytes } from './installation-table.ts'

/** Compiled artifact by digest; the stored bytes are hashed again. @throws `ERR_HOST_ARTIFACT_CORRUPT` */
export async function readInstalledArtifact(
  { store, compile }: InstallationServices,
  digest: Digest,
): Promise<CompiledArtifact> {
  const bytes = await readArtifactBytes(committed(store), digest)
  if (bytes === undefined) throw corrupt(digest)
  // Before anything looks inside: bytes that nobody verified are not even decoded.
  if ((await digestOf(bytes)) !== digest) throw corrupt(digest)
  return compile(bytes)
}
