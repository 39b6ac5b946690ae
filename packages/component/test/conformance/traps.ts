import { EngineError, type TrapReason } from '@morphee/component'

/**
 * What the suite's words for a trap mean here: the reason that an embedder sees, and what the message has to say.
 *
 * A guest that is stopped for something else than the test means has not passed it, so each text needs a row.
 */
const TRAPS: readonly (readonly [text: RegExp, reason: TrapReason, ours: RegExp])[] = [
  [/wasm `unreachable` instruction executed$/, 'unreachable', /stopped: unreachable$/],
  // An instance that trapped stays as it is, and says of what.
  [/^cannot enter component instance$/, 'unreachable', /it trapped before \(unreachable\)$/],
  [/^unknown handle index (\d+)$/, 'abi', /unknown handle index \d+$/],
  [
    /^handle index \d+ used with the wrong type/,
    'abi',
    /handle index \d+ used with the wrong type$/,
  ],
  [/^cannot remove owned resource while borrowed$/, 'abi', /while borrowed$/],
  [/unaligned pointer$/, 'abi', /pointer (?:\d+|that) is not aligned to [248]$/],
  [/^realloc return: result not aligned$/, 'abi', /realloc .* not aligned to [248]$/],
  [/^realloc return: beyond end of memory$/, 'abi', /realloc .* out of bounds of memory$/],
  [/list content out-of-bounds$/, 'abi', /out of bounds of memory$/],
  [
    /^string (?:content out-of-bounds|pointer\/length out of bounds of memory)$/,
    'abi',
    /out of bounds: \d+ bytes at \d+$/,
  ],
  [/^invalid `char` bit pattern$/, 'abi', /invalid char$/],
  [/^invalid variant discriminant$/, 'abi', /invalid variant discriminant \d+$/],
  [/^(?:invalid utf-8|incomplete utf-8 byte sequence)$/, 'abi', /invalid utf-8$/],
]

/** Whether `error` is the trap that the suite's `text` means, or what is wrong with it. */
export function wrongTrap(text: string, error: unknown): string | undefined {
  if (!(error instanceof EngineError) || error.code !== 'ERR_COMPONENT_TRAPPED')
    return `no trap: ${String(error)}`
  const { reason } = error.details as { readonly reason: TrapReason }
  const row = TRAPS.find(([suite]) => suite.test(text))
  if (row === undefined) return `no reason is known for it; ours is: ${reason}, ${error.message}`
  const [suite, wanted, ours] = row
  // What the suite names in numbers, such as a handle, has to be the same one.
  const named = suite.exec(text)?.[1]
  if (reason !== wanted || !ours.test(error.message))
    return `another trap: ${reason}, ${error.message}`
  return named === undefined || error.message.endsWith(` ${named}`)
    ? undefined
    : `of another: ${error.message}`
}
