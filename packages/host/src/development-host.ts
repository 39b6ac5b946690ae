import { Host } from './host.ts'
import type { HostParts } from './host-parts.ts'
import type { Candidate } from './installations/candidate.ts'

/**
 * A host for authors: it runs unsigned code.
 *
 * It is a class of its own with a home of its own, so that no option, environment variable or policy file can make a real host
 * do the same. Permissions, limits and the audit trail are the real ones.
 */
export class DevelopmentHost extends Host {
  constructor(parts: Omit<HostParts, 'recheck' | 'development'>) {
    super({ ...parts, development: true, recheck: async () => {} })
  }

  /** Takes a built artifact as it is. @throws `ERR_HOST_CONTRACT` and what reading it throws */
  async admitUnsigned(wasm: Uint8Array): Promise<Candidate> {
    return this.admit(await this.compile(wasm), { kind: 'unsigned' })
  }
}
