import { type Digest, digestOf, encodeUtf8 } from '@morphee/core'
import type { ModuleCache } from '../component.ts'
import { EngineError } from '../errors.ts'
import { capModule, type GrowthShare } from './cap.ts'
import type { InterruptionKind } from './check-code.ts'
import type { CoreModuleInfo } from './module-info.ts'
import { REWRITER_VERSION, rewriteModule } from './rewrite.ts'
import { typesOfProcess } from './type-census.ts'

/** A compiled core module, and what it is kept under: the digest of all that it was made from. */
export interface CompiledCore {
  readonly module: WebAssembly.Module
  readonly digest: Digest
}

/** What a core module is compiled with. */
export interface CoreOptions {
  readonly share: GrowthShare
  readonly interruption: InterruptionKind | undefined
  readonly cache: ModuleCache | undefined
}

/**
 * Caps a core module, gives it interruption checks if asked to, and compiles it, unless `cache` has it.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_INVALID`, and those of {@link rewriteModule}
 */
export async function compileCore(
  bytes: Uint8Array,
  info: CoreModuleInfo,
  { share, interruption, cache }: CoreOptions,
): Promise<CompiledCore> {
  if (interruption === undefined) return compileCapped(bytes, info, { share, cache })
  const original = bytes.subarray(info.start, info.end) as Uint8Array<ArrayBuffer>
  const digest = await rewrittenDigest(original, share, interruption)
  let module = cache?.get(digest)
  if (module === undefined) {
    const rewritten = attempt(() => rewriteModule(bytes, info, share, interruption))
    if (rewritten === undefined) return compileCapped(bytes, info, { share, cache })
    typesOfProcess.admit(info, digest)
    // Rewriting could make an invalid module valid, and give it what is the engine's. V8 says what is wrong with it.
    const valid = WebAssembly.validate(original)
    if (valid && rewritten instanceof EngineError) throw rewritten
    module = await compile(valid ? (rewritten as typeof original) : original, info, digest)
  }
  cache?.set(digest, module)
  return { module, digest }
}

async function compileCapped(
  bytes: Uint8Array,
  info: CoreModuleInfo,
  { share, cache }: Pick<CoreOptions, 'share' | 'cache'>,
): Promise<CompiledCore> {
  const capped = capModule(bytes, info, share)
  const digest = await digestOf(capped)
  const module = cache?.get(digest) ?? (await compile(capped, info, digest))
  cache?.set(digest, module)
  return { module, digest }
}

/** What `work` gives, or its refusal. */
function attempt<T>(work: () => T): T | EngineError {
  try {
    return work()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
}

/**
 * Throws unless a core module is valid as it stands in the file; nothing of it is kept.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_INVALID`
 */
export async function verifyCore(bytes: Uint8Array, info: CoreModuleInfo): Promise<void> {
  const original = bytes.subarray(info.start, info.end) as Uint8Array<ArrayBuffer>
  await compile(original, info, await digestOf(original))
}

/** Memories are capped by whoever makes them, so one rewriting serves every limit of memory. */
async function rewrittenDigest(
  original: Uint8Array<ArrayBuffer>,
  { tableElements }: GrowthShare,
  interruption: InterruptionKind,
): Promise<Digest> {
  const key = ['rewritten', REWRITER_VERSION, interruption, tableElements, await digestOf(original)]
  return digestOf(encodeUtf8(key.join(' ')))
}

async function compile(
  bytes: Uint8Array<ArrayBuffer>,
  info: CoreModuleInfo,
  digest: Digest,
): Promise<WebAssembly.Module> {
  typesOfProcess.admit(info, digest)
  try {
    return await WebAssembly.compile(bytes)
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error
    throw new EngineError(
      'ERR_COMPONENT_INVALID',
      `Cannot compile a core module of the component: ${error.message}`,
      { offset: info.start },
      { cause: error },
    )
  }
}
