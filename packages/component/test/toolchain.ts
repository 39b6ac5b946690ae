import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What is used here of the toolchain that makes components: the one that `@morphee/authoring` builds extensions with. */
interface WasmTools {
  parse(wat: string): Promise<Uint8Array>
  componentEmbed(options: {
    binary?: Uint8Array
    dummy?: boolean
    witSource: string
    world?: string
    stringEncoding?: string
  }): Promise<Uint8Array>
  componentNew(bytes: Uint8Array): Promise<Uint8Array>
}

const require = createRequire(new URL('../../authoring/package.json', import.meta.url))
const entry = require.resolve('@bytecodealliance/jco-transpile')
export const wasmTools: WasmTools = await import(
  pathToFileURL(join(dirname(entry), 'wasm-tools.js')).href
)

/** A component from its text. */
export async function parseWat(text: string): Promise<Uint8Array> {
  return new Uint8Array(await wasmTools.parse(text))
}

/** A component made of a core module, as toolchains make them. */
export async function makeComponent(
  wat: string,
  wit: string,
  stringEncoding?: string,
): Promise<Uint8Array> {
  const binary = await wasmTools.parse(wat)
  const embedded = await wasmTools.componentEmbed({
    binary,
    witSource: wit,
    world: 'w',
    ...(stringEncoding && { stringEncoding }),
  })
  return new Uint8Array(await wasmTools.componentNew(embedded))
}

/** A component of a world whose functions do nothing: only its types matter. */
export async function dummyComponent(wit: string, world: string): Promise<Uint8Array> {
  const embedded = await wasmTools.componentEmbed({ dummy: true, witSource: wit, world })
  return new Uint8Array(await wasmTools.componentNew(embedded))
}
