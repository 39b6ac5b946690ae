/** How a call ended: with a value, with the error case of a result, or not at all. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly thrown: unknown }
  | { readonly error: string }

/** Calls, and brings both engines' ways of saying the same together. */
export function outcomeOf(call: () => unknown): Outcome {
  try {
    return { value: plain(call()) }
  } catch (error) {
    if (error instanceof Error && 'payload' in error) return { thrown: plain(error.payload) }
    if (error instanceof Error) return { error: error.message }
    // jco throws the payload of an error case as it is.
    return { thrown: plain(error) }
  }
}

/** A value with arrays for typed arrays: jco gives typed ones for every list of numbers, the engine for bytes. */
export function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as Uint8Array)]
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [plain(key), plain(one)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}
