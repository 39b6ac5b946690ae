import type { Manifest } from '@morphee/manifest'
import type { CompiledArtifact } from '../extension/compiled-artifact.ts'
import type { Provenance } from './installation.ts'

/**
 * An artifact that a host has admitted: read, checked, compiled, and verified as that host demands.
 *
 * Only a host makes candidates, and it installs only its own: there is no other way in.
 */
export interface Candidate {
  readonly manifest: Manifest
  readonly artifact: CompiledArtifact
  readonly provenance: Provenance
}
