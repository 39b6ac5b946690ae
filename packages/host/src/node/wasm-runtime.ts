import type { CompiledArtifact } from '../extension/compiled-artifact.ts'
import type { BaseMorphRuntime } from '../runtimes/runtime.ts'
import type { WorkerPool } from './worker/pool.ts'

/** Runs an artifact's component in workers of `pool`, a fresh instance for each call: nothing leaks from one to the next. */
export function createWasmRuntime(pool: WorkerPool, artifact: CompiledArtifact): BaseMorphRuntime {
  const { digest, bytes, limits } = artifact
  const code = { digest, bytes, modules: artifact.component.modules, limits }
  return {
    kind: 'wasm',
    invoke: (call) => pool.run(code, call),
    close: async () => {},
  }
}
