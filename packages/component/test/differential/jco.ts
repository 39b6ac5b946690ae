import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What is used here of jco, the reference implementation for JavaScript: it writes a module for a component. */
interface JcoTranspile {
  transpileBytes(
    component: Uint8Array,
    options: { name: string; instantiation: 'async'; noTypescript: true },
  ): Promise<{ files: Record<string, Uint8Array> }>
}
interface Generated {
  instantiate(
    getCoreModule: (path: string) => Promise<WebAssembly.Module>,
    imports: Readonly<Record<string, unknown>>,
  ): Promise<Record<string, any>>
}

const require = createRequire(new URL('../../../authoring/package.json', import.meta.url))
const jcoTranspile = (await import(
  pathToFileURL(require.resolve('@bytecodealliance/jco-transpile')).href
)) as JcoTranspile

/** A component in jco's hands: its generated code is loaded from a folder that `close` removes. */
export class JcoComponent {
  readonly #generated: Generated
  readonly #modules: ReadonlyMap<string, WebAssembly.Module>
  readonly #folder: string

  private constructor(
    generated: Generated,
    modules: ReadonlyMap<string, WebAssembly.Module>,
    folder: string,
  ) {
    this.#generated = generated
    this.#modules = modules
    this.#folder = folder
  }

  static async compile(component: Uint8Array): Promise<JcoComponent> {
    const { files } = await jcoTranspile.transpileBytes(component, {
      name: 'component',
      instantiation: 'async',
      noTypescript: true,
    })
    const folder = await mkdtemp(join(tmpdir(), 'morphee-jco-'))
    const modules = new Map<string, WebAssembly.Module>()
    for (const [name, bytes] of Object.entries(files)) {
      if (name.endsWith('.wasm'))
        modules.set(name, await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>))
    }
    const main = join(folder, 'component.mjs')
    await writeFile(main, files['component.js'] as Uint8Array)
    const generated = (await import(/* @vite-ignore */ pathToFileURL(main).href)) as Generated
    return new JcoComponent(generated, modules, folder)
  }

  instantiate(imports: Readonly<Record<string, unknown>>): Promise<Record<string, any>> {
    return this.#generated.instantiate(
      async (path) => this.#modules.get(path) as WebAssembly.Module,
      imports,
    )
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true })
  }
}
