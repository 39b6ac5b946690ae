import { type Digest, digestOf, encodeUtf8 } from '@morphee/core'
import type { ModuleCache } from '../component.ts'
import { EngineError } from '../errors.ts'
import { capModule, type GrowthShare } from './cap.ts'
import type { InterruptionKind } from './check-code.ts'
import type { CoreModuleInfo } from './module-info.ts'
import { REWRITER_VERSION, rewriteModule } from './rewrite.ts'
import { tellsTypesApart, typesOfProcess } from './type-census.ts'

/** A core module on its way through the compiler. */
export interface BegunCore {
  readonly module: Promise<WebAssembly.Module>
  /** What it is kept under: the digest of all that it is made from. Nobody works it out where nothing is kept. */
  readonly digest: Digest | undefined
}

/** What a core module is compiled with. */
export interface CoreOptions {
  readonly share: GrowthShare
  readonly interruption: InterruptionKind | undefined
  readonly cache: ModuleCache | undefined
}

/**
 * Caps a core module, gives it interruption checks if asked to, and has it compiled, unless `cache` has it. Resolves when the compiler has it: most of its work
 * happens off this thread.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_INVALID`, and those of {@link rewriteModule}: by the one promise or by the other
 */
export async function beginCore(
  bytes: Uint8Array,
  info: CoreModuleInfo,
  { share, interruption, cache }: CoreOptions,
): Promise<BegunCore> {
  const digested = async (digest: () => Promise<Digest>): Promise<Digest | undefined> =>
    cache !== undefined || !tellsTypesApart(info) ? digest() : undefined
  if (interruption !== undefined) {
    const original = bytes.subarray(info.start, info.end) as Uint8Array<ArrayBuffer>
    const digest = await digested(() => rewrittenDigest(original, share, interruption))
    const known = knownCore(cache, digest)
    if (known !== undefined) return known
    const rewritten = attempt(() => rewriteModule(bytes, info, share, interruption))
    if (rewritten !== undefined) {
      typesOfProcess.admit(info, digest)
      // Rewriting could make an invalid module valid, and give it what is the engine's. V8 says what is wrong with it.
      const valid = WebAssembly.validate(original)
      if (valid && rewritten instanceof EngineError) throw rewritten
      return begin(valid ? (rewritten as typeof original) : original, info, { digest, cache })
    }
  }
  const capped = capModule(bytes, info, share)
  const digest = await digested(() => digestOf(capped))
  return knownCore(cache, digest) ?? begin(capped, info, { digest, cache })
}

function knownCore(
  cache: ModuleCache | undefined,
  digest: Digest | undefined,
): BegunCore | undefined {
  const module = digest && cache?.get(digest)
  if (digest === undefined || module === undefined) return undefined
  cache?.set(digest, module)
  return { module: Promise.resolve(module), digest }
}

function begin(
  bytes: Uint8Array<ArrayBuffer>,
  info: CoreModuleInfo,
  { digest, cache }: { digest: Digest | undefined; cache: ModuleCache | undefined },
): BegunCore {
  const module = compile(bytes, info, digest).then((made) => {
    if (digest !== undefined) cache?.set(digest, made)
    return made
  })
  // What was begun for a component that turns out to be invalid is nobody's to wait for.
  module.catch(() => undefined)
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
  digest: Digest | undefined,
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
