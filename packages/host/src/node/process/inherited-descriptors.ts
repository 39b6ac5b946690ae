import { readdirSync, readFileSync } from 'node:fs'

const O_CLOEXEC = 0o2000000

/**
 * Descriptors of this process that a child would get without being meant to: those that whoever started us left open.
 *
 * Node marks everything that it opens itself as not to be inherited. Where there is no `/proc` nothing can be said, and the
 * list is empty.
 */
export function inheritedDescriptors(): number[] {
  let descriptors: string[]
  try {
    descriptors = readdirSync('/proc/self/fdinfo')
  } catch {
    return []
  }
  // The first four are given to every child: nothing, nothing, nothing and its pipe.
  return descriptors.map(Number).filter((descriptor) => descriptor > 3 && isInherited(descriptor))
}

function isInherited(descriptor: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')
    const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? '', 8)
    return (flags & O_CLOEXEC) === 0
  } catch {
    // Closed meanwhile, as the one that read the directory was.
    return false
  }
}
