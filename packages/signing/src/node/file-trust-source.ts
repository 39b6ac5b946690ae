import { SigningError } from '../errors.ts'
import type { Trust, TrustSource } from '../trust/trust.ts'
import { readTrustDirectory } from './trust-directory.ts'

/**
 * Trust from a directory in notation's layout, beside a `publishers.json` (spec/signing.md section 4).
 *
 * Every read reads the files, so a revocation counts from the moment it is written. Going back to an older list of publishers is refused for as
 * long as the source lives.
 */
export function createFileTrustSource(directory: string): TrustSource {
  let newest = 0
  return {
    async read(): Promise<Trust> {
      const trust = await readTrustDirectory(directory)
      const { version } = trust.publishers
      if (version < newest) {
        const message = 'Cannot go back to an older list of publishers'
        throw new SigningError('ERR_SIGNING_STALE_TRUST', message, {
          step: 'publisher',
          reason: `version ${version} after ${newest}`,
        })
      }
      newest = version
      return trust
    },
  }
}
