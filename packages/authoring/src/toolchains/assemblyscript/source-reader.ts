import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** Reads sources for the compiler, and remembers them for the places that its diagnostics name. */
export class SourceReader {
  readonly #dir: string
  readonly #packageFolders: readonly string[]
  readonly #texts = new Map<string, string>()

  constructor(dir: string, packageFolders: readonly string[]) {
    this.#dir = dir
    this.#packageFolders = packageFolders
  }

  /** The text of a file, or null when there is none: the compiler asks for every place where a module could be. */
  async read(name: string): Promise<string | null> {
    for (const path of this.#candidates(name)) {
      try {
        const text = await readFile(path, 'utf8')
        this.#texts.set(name, text)
        return text
      } catch {
        // The next place.
      }
    }
    return null
  }

  /** Line and column, from 1, of an offset into a file that was read. */
  positionOf(name: string, offset: number): { line: number; column: number } | undefined {
    const before = this.#texts.get(name)?.slice(0, offset).split('\n')
    return before && { line: before.length, column: (before.at(-1) as string).length + 1 }
  }

  // The compiler looks for packages beside the extension only; what the SDK depends on may live with the SDK.
  #candidates(name: string): string[] {
    const path = resolve(this.#dir, name)
    const inPackage = name.replaceAll('\\', '/').split('node_modules/')
    if (inPackage.length === 1) return [path]
    return [path, ...this.#packageFolders.map((folder) => join(folder, inPackage.at(-1) as string))]
  }
}
