import { type Digest, isPlatformError, type JsonObject } from '@morphee/core'
import type { Transaction } from '../store/index.ts'
import type { Seen } from './active-version.ts'
import { type Configured, credentialsReachFurther } from './credential-reach.ts'
import type { InstallationServices } from './installation-services.ts'
import { readInstalledArtifact } from './installed-artifact.ts'

/** The step that forgets the credentials, where `after` could take them further than they were entered for. */
export async function prepareForgetIfFurther(
  services: InstallationServices,
  { installation }: Seen,
  after: Configured,
): Promise<((tx: Transaction) => Promise<void>) | undefined> {
  const { activeDigest, config, id, workspace } = installation
  if (!(await reachFurther(services, activeDigest, config, after))) return undefined
  return services.connections.prepareForget(workspace, id)
}

async function reachFurther(
  services: InstallationServices,
  digest: Digest,
  config: JsonObject,
  after: Configured,
): Promise<boolean> {
  try {
    const { manifest } = await readInstalledArtifact(services, digest)
    return credentialsReachFurther({ manifest, config }, after)
  } catch (error) {
    // Damaged bytes do not tell what it was entered for.
    if (isPlatformError(error, 'ERR_HOST_ARTIFACT_CORRUPT')) return true
    throw error
  }
}
