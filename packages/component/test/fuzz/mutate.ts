import { concatBytes, readSections, type WasmSection, writeU32 } from '@morphee/core'
import type { Random } from './random.ts'

interface Part {
  readonly id: number
  readonly bytes: Uint8Array
}

/** What breaks readers: nothing, one, signs, ends of ranges, and continued LEBs. */
const INTERESTING = [0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xfe, 0xff]

function split(bytes: Uint8Array): Part[] | undefined {
  try {
    return [...readSections(bytes)].map(({ id, bytes: body }: WasmSection) => ({ id, bytes: body }))
  } catch {
    return undefined
  }
}

function join(preamble: Uint8Array, parts: readonly Part[]): Uint8Array {
  return concatBytes([
    preamble,
    ...parts.flatMap(({ id, bytes }) => [Uint8Array.of(id), writeU32(bytes.length), bytes]),
  ])
}

/** A change inside some bytes, of any length. */
function change(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return random.bytes(1 + random.int(3))
  const at = random.int(bytes.length)
  const end = Math.min(bytes.length, at + 1 + random.int(8))
  const [before, taken, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, end),
    bytes.subarray(at),
  ]
  switch (random.int(7)) {
    case 0: {
      const copy = bytes.slice()
      copy[at] = (copy[at] as number) ^ (1 << random.int(8))
      return copy
    }
    case 1: {
      const copy = bytes.slice()
      copy[at] = random.pick(INTERESTING)
      return copy
    }
    case 2: {
      // Mostly an index that becomes its neighbour.
      const copy = bytes.slice()
      copy[at] = (copy[at] as number) + (random.chance(2) ? 1 : 255)
      return copy
    }
    case 3:
      return concatBytes([before, random.bytes(1 + random.int(4)), after])
    case 4:
      return concatBytes([before, bytes.subarray(end)])
    case 5:
      return concatBytes([before, taken, after])
    default:
      // The same number, written longer.
      return concatBytes([
        before,
        Uint8Array.of((bytes[at] as number) | 0x80, 0),
        bytes.subarray(at + 1),
      ])
  }
}

/** A changed copy of one of `seeds`: sections removed, repeated, moved, borrowed from another, and bytes inside them changed. */
export function mutate(random: Random, seeds: readonly Uint8Array[]): Uint8Array {
  const seed = random.pick(seeds)
  let parts = split(seed)
  if (parts === undefined) return change(random, seed)
  const preamble = seed.subarray(0, 8)
  for (let times = 1 + random.int(4); times > 0 && parts.length > 0; times--) {
    const at = random.int(parts.length)
    const part = parts[at] as Part
    switch (random.int(10)) {
      case 0:
        parts.splice(at, 1)
        break
      case 1:
        parts.splice(random.int(parts.length + 1), 0, part)
        break
      case 2:
        parts.splice(at, 1)
        parts.splice(random.int(parts.length + 1), 0, part)
        break
      case 3: {
        const other = split(random.pick(seeds)) ?? []
        if (other.length > 0) parts.splice(random.int(parts.length + 1), 0, random.pick(other))
        break
      }
      case 4:
        parts[at] = { id: random.int(13), bytes: part.bytes }
        break
      default: {
        // A component in a component is changed in the same ways.
        const bytes =
          part.id === 4 && !random.chance(4) && part.bytes.length > 8
            ? mutate(random, [part.bytes])
            : change(random, part.bytes)
        parts[at] = { id: part.id, bytes }
      }
    }
  }
  const joined = join(preamble, parts)
  if (random.chance(20)) return change(random, joined)
  if (random.chance(40)) return joined.subarray(0, random.int(joined.length + 1))
  return joined
}
