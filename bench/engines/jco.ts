import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transpileBytes } from '@bytecodealliance/jco-transpile'

/** What jco made of a component: JavaScript and cores in a folder. */
export interface Transpiled {
  /** Instances from compiled cores. */
  instantiate(imports: object): Promise<Record<string, unknown>>
  /** Everything from the files on: the JavaScript loaded afresh, the cores read and compiled, one instance. */
  start(imports: object): Promise<Record<string, unknown>>
}

interface Generated {
  instantiate(
    core: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
    imports: object,
  ): Promise<Record<string, unknown>>
}

/** Turns a component into JavaScript in `folder`, and loads it. */
export async function transpile(
  bytes: Uint8Array,
  folder: string,
  options: object = {},
): Promise<Transpiled> {
  const { files } = await transpileBytes(bytes, {
    name: 'peer',
    instantiation: 'async',
    ...options,
  })
  const entries = Array.isArray(files) ? files : Object.entries(files)
  const cores = new Map<string, WebAssembly.Module>()
  for (const [name, content] of entries as [string, Uint8Array<ArrayBuffer>][]) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
    if (name.endsWith('.wasm')) cores.set(name, await WebAssembly.compile(content))
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  const url = pathToFileURL(join(folder, 'peer.js')).href
  const generated = (await import(url)) as Generated
  let starts = 0
  return {
    instantiate: (imports) =>
      generated.instantiate((path) => cores.get(path) as WebAssembly.Module, imports),
    async start(imports) {
      const fresh = (await import(`${url}?start=${++starts}`)) as Generated
      return fresh.instantiate(
        async (path) =>
          WebAssembly.compile((await readFile(join(folder, path))) as Uint8Array<ArrayBuffer>),
        imports,
      )
    },
  }
}
