import { isAddressRange } from '@morphee/egress'
import { MAX_POLICY_BYTES, parsePolicyYaml, type Policy } from '@morphee/manifest'
import { readFileSync, statSync } from 'node:fs'
import type { PolicySource } from '../../policy/policy-source.ts'

/** How {@link openPolicyFile} reads. */
export interface PolicyFileOptions {
  /** Shown in diagnostics and decisions. @default the path as given */
  readonly name?: string
  /** Called when a change of the file cannot be used; the policy before it counts on. */
  readonly onRefused?: (error: Error) => void
}

/**
 * The policy in a file, read again when the file changes.
 *
 * A change that cannot be read, and a file that is gone, leave the policy before it in force: an operator's slip must not open
 * what was closed. At the start there is no policy before it, so a faulty file is an error; a missing one is too.
 *
 * @throws `ERR_POLICY_INVALID` with the places of all faults, and Node's own error when the file cannot be read
 */
export function openPolicyFile(path: string, options: PolicyFileOptions = {}): PolicySource {
  let stamp = stampOf(path)
  let policy = read(path, options)
  return {
    current() {
      const now = stampOf(path)
      if (now === stamp) return policy
      stamp = now
      try {
        policy = read(path, options)
      } catch (error) {
        options.onRefused?.(error as Error)
      }
      return policy
    },
  }
}

function read(path: string, { name = path }: PolicyFileOptions): Policy {
  // One byte more than is read shows a file that is too large, whatever it grows to meanwhile.
  const bytes = readFileSync(path)
  const text = new TextDecoder('utf-8', { fatal: true }).decode(
    bytes.subarray(0, MAX_POLICY_BYTES + 1),
  )
  return parsePolicyYaml(text, { fileName: name, isAddressRange })
}

/** Changes with every writing of the file; one call of the system a decision is cheaper than a watcher that may miss one. */
function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`
}
