import { readSections, tryDecodeUtf8, readU32 } from '@morphee/core'

/** How many bytes of an artifact are of one kind. */
export interface SectionSize {
  /** `core modules`, `types and links`, or the name of a custom section. */
  readonly name: string
  readonly bytes: number
}

/** What the bytes of a component are, largest first; headers of sections count with what is in them. */
export function reportSections(component: Uint8Array): SectionSize[] {
  const sizes = new Map<string, number>([['preamble', 8]])
  let previous: { name: string; offset: number } | undefined
  const close = (end: number): void => {
    if (previous !== undefined)
      sizes.set(previous.name, (sizes.get(previous.name) ?? 0) + end - previous.offset)
  }
  for (const { id, offset, bytes } of readSections(component)) {
    close(offset)
    previous = { name: nameOf(id, bytes), offset }
  }
  close(component.length)
  return [...sizes].map(([name, bytes]) => ({ name, bytes })).toSorted((a, b) => b.bytes - a.bytes)
}

// Section ids of the Component Model's Binary.md.
function nameOf(id: number, bytes: Uint8Array): string {
  if (id === 1) return 'core modules'
  if (id === 4) return 'nested components'
  if (id !== 0) return 'types and links'
  const length = readU32(bytes, 0)
  return tryDecodeUtf8(bytes.subarray(length.next, length.next + length.value)) ?? 'custom'
}
