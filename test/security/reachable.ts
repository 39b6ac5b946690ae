// Everything that can be got at from a value: members, accessors, prototypes, and members of functions.

const INTRINSICS: ReadonlySet<unknown> = new Set(
  Object.values(Object.getOwnPropertyDescriptors(globalThis)).flatMap(
    ({ value }: PropertyDescriptor) =>
      typeof value === 'function' ? [value, value.prototype as unknown] : [value],
  ),
)

/** Every function that can be reached from `roots`, the platform's own left out. */
export function reachableFunctions(...roots: readonly unknown[]): Set<(...args: never) => unknown> {
  const seen = new Set<unknown>()
  const functions = new Set<(...args: never) => unknown>()
  const queue = [...roots]
  for (let value = queue.pop(); queue.length > 0 || value !== undefined; value = queue.pop()) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue
    if (seen.has(value) || INTRINSICS.has(value) || isPlatformPrototype(value)) continue
    seen.add(value)
    if (typeof value === 'function') functions.add(value as (...args: never) => unknown)
    queue.push(Object.getPrototypeOf(value))
    for (const key of Reflect.ownKeys(value)) {
      const member = Object.getOwnPropertyDescriptor(value, key)
      queue.push(member?.get, member?.set, member?.value ?? read(value, key))
    }
  }
  return functions
}

function read(value: object, key: string | symbol): unknown {
  try {
    return Reflect.get(value, key)
  } catch {
    return undefined
  }
}

// Prototypes of async functions, iterators and typed arrays have no global name.
function isPlatformPrototype(value: object): boolean {
  const constructor = Object.getOwnPropertyDescriptor(value, 'constructor')?.value as unknown
  return (
    (typeof constructor === 'function' &&
      /\[native code\]/.test(Function.prototype.toString.call(constructor))) ||
    (typeof value === 'function' && /\[native code\]/.test(Function.prototype.toString.call(value)))
  )
}
