import type { IsolationLevel } from '@morphee/manifest'
import type { CompiledArtifact } from '../extension/compiled-artifact.ts'
import type { BaseMorphRuntime } from '../runtimes/runtime.ts'
import type { GuestHousing } from './isolation/housing.ts'

/** Runs an artifact's component at an isolation level, a fresh instance for each call: nothing leaks from one to the next. */
export function createWasmRuntime(
  housing: GuestHousing,
  artifact: CompiledArtifact,
  isolation: IsolationLevel,
): BaseMorphRuntime {
  const { digest, bytes, limits } = artifact
  const code = { digest, bytes, modules: artifact.component.modules, limits }
  return {
    kind: 'wasm',
    invoke: (call) => housing.run(isolation, code, call),
    close: async () => housing.forget(digest),
  }
}
