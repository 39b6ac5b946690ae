import { isAddressRange } from '@morphee/egress'
import { ManifestError, MAX_POLICY_BYTES, parsePolicyYaml, type Policy } from '@morphee/manifest'
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
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
  const text = new TextDecoder('utf-8', { fatal: true }).decode(readStart(path, name))
  return parsePolicyYaml(text, { fileName: name, isAddressRange })
}

/** The file, of a larger one than a policy may be so much that this shows. */
function readStart(path: string, name: string): Uint8Array {
  // A pipe that took the file's place must not keep the host waiting for somebody who writes to it.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    if (!fstatSync(file).isFile())
      throw new ManifestError(
        'ERR_POLICY_INVALID',
        `Cannot use the policy "${name}": it is no file`,
        {
          diagnostics: [],
        },
      )
    const bytes = new Uint8Array(MAX_POLICY_BYTES + 1)
    let length = 0
    for (;;) {
      const more = readSync(file, bytes, length, bytes.length - length, null)
      length += more
      if (more === 0) return bytes.subarray(0, length)
    }
  } finally {
    closeSync(file)
  }
}

/** Changes with every writing of the file; one call of the system a decision is cheaper than a watcher that may miss one. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
  } catch (error) {
    // Gone, not to be reached any more, a link to itself: reading it says what is wrong, once.
    return `none ${(error as NodeJS.ErrnoException).code}`
  }
}
