import { engineModule } from '../abi/engine-module.ts'
import { typesOfProcess } from '../core/type-census.ts'
import { EngineError } from '../errors.ts'
import type { CoreSignature } from '../plan/steps.ts'
import type { FlatType } from '../types/val-type.ts'
import type { CoreFunc } from './func.ts'

// JSPI is younger than the platform's type declarations.
interface Jspi {
  readonly Suspending: new (func: (...args: never[]) => unknown) => WebAssembly.ImportValue
  readonly promising: (
    func: CoreFunc,
  ) => (...args: (number | bigint)[]) => Promise<number | bigint | undefined>
}

function jspi(): Jspi {
  const candidate = WebAssembly as unknown as Partial<Jspi>
  if (typeof candidate.Suspending !== 'function' || typeof candidate.promising !== 'function') {
    throw new EngineError(
      'ERR_COMPONENT_ASYNC_UNSUPPORTED',
      'Cannot suspend a guest: this JavaScript engine has no JSPI (WebAssembly.Suspending)',
      {},
      { hint: 'Run the component in a worker and answer its calls synchronously' },
    )
  }
  return candidate as Jspi
}

/** Whether guests can be suspended here. */
export function canSuspend(): boolean {
  return 'Suspending' in WebAssembly && 'promising' in WebAssembly
}

/** @throws {@link EngineError} `ERR_COMPONENT_ASYNC_UNSUPPORTED` */
export function assertCanSuspend(): void {
  jspi()
}

export function promising(
  core: CoreFunc,
): (...args: (number | bigint)[]) => Promise<number | bigint | undefined> {
  return jspi().promising(core)
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

const CODES: Readonly<Record<FlatType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c }
const modules = new Map<string, WebAssembly.Module>()

/**
 * `func` as a core function that suspends its caller, and traps it when it wakes up dead.
 *
 * The check runs in WebAssembly, between the promise and the guest: throwing into the guest instead could be caught there.
 */
export function suspendingImport(
  signature: CoreSignature,
  func: (...args: never[]) => unknown,
  deathFlag: WebAssembly.Global,
): CoreFunc {
  const key = `${signature.params.join()}>${signature.results.join()}`
  let module = modules.get(key)
  if (module === undefined) {
    typesOfProcess.admit({ types: [signature], plainTypes: true }, key)
    module = new WebAssembly.Module(gateBytes(signature))
    // Signatures are few (at most 17 parameters of four types in practice); a stranger's variety is not kept.
    if (modules.size < 256) modules.set(key, module)
  }
  const instance = new WebAssembly.Instance(module, {
    '': { f: new (jspi().Suspending)(func), d: deathFlag },
  })
  return instance.exports['g'] as CoreFunc
}

/** (module (import "" "f" (func)) (import "" "d" (global (mut i32))) (func (export "g") call f, then trap if d)) */
function gateBytes({ params, results }: CoreSignature): Uint8Array<ArrayBuffer> {
  const gets = params.flatMap((_, index) => [0x20, index])
  const code = [0, ...gets, 0x10, 0, 0x23, 0, 0x04, 0x40, 0x00, 0x0b, 0x0b]
  const types = (list: readonly FlatType[]): number[] => [
    list.length,
    ...list.map((type) => CODES[type]),
  ]
  return engineModule(
    [1, 1, 0x60, ...types(params), ...types(results)],
    [2, 2, 0, 1, 0x66, 0, 0, 0, 1, 0x64, 3, 0x7f, 1],
    [3, 1, 0],
    [7, 1, 1, 0x67, 0, 1],
    [10, 1, code.length, ...code],
  )
}
