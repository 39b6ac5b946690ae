import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const requireOfAuthoring = createRequire(
  new URL('../../../packages/authoring/package.json', import.meta.url),
)
/** Whose npm package has the adapters from preview 1 to 0.2. */
const ADAPTERS = '@bytecodealliance/jco@1.35.0'

/** A component of a module for preview 1. `folder` is for what is fetched; `world` is for a module that does not say its own. */
export async function adapt(
  core: Uint8Array,
  kind: 'command' | 'reactor',
  folder: string,
  world?: { readonly witSource: string; readonly world: string },
): Promise<Uint8Array> {
  const entry = requireOfAuthoring.resolve('@bytecodealliance/jco-transpile')
  const tools = (await import(pathToFileURL(join(dirname(entry), 'wasm-tools.js')).href)) as {
    componentNew(core: Uint8Array, adapters: [string, Uint8Array][]): Promise<Uint8Array>
    componentEmbed(options: object): Promise<Uint8Array>
  }
  const whole = world === undefined ? core : await tools.componentEmbed({ binary: core, ...world })
  return tools.componentNew(whole, [['wasi_snapshot_preview1', await fetchAdapter(kind, folder)]])
}

async function fetchAdapter(kind: string, folder: string): Promise<Uint8Array> {
  const packed = spawnSync('npm', ['pack', '--silent', ADAPTERS, '--pack-destination', folder], {
    encoding: 'utf8',
  })
  const file = packed.stdout?.trim().split('\n').at(-1) ?? ''
  const inside = `package/lib/wasi_snapshot_preview1.${kind}.wasm`
  const unpacked = spawnSync('tar', ['-xzf', file, inside], { cwd: folder })
  if (packed.status !== 0 || unpacked.status !== 0)
    throw new Error(`the adapters of ${ADAPTERS} cannot be had from npm`)
  return new Uint8Array(await readFile(join(folder, inside)))
}
