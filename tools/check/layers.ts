// A package may import only from lower layers; otherwise "who may do what" cannot be read off the folder tree any more.
// The same walk keeps effects in their one place: a second HTTP client, file access or secret read would be a second guard.
import { globSync, readFileSync } from 'node:fs'

const LAYERS: Readonly<Record<string, number>> = {
  core: 0,
  component: 1,
  manifest: 1,
  egress: 1,
  signing: 1,
  registry: 2,
  host: 3,
  'registry-server': 3,
  testing: 4,
  authoring: 5,
  server: 5,
  web: 5,
  // Above authoring, whose commands it offers.
  cli: 6,
}

/** Node built-ins that perform an effect, and the only places that may import them (prefixes of the path below `packages/`). */
const EFFECTS: ReadonlyArray<{
  readonly modules: readonly string[]
  readonly allowed: readonly string[]
}> = [
  {
    modules: [
      'undici',
      'node:http',
      'node:https',
      'node:net',
      'node:tls',
      'node:dns',
      'node:dns/promises',
      'node:http2',
      'node:dgram',
    ],
    allowed: ['egress/src/node/', 'registry-server/src/', 'testing/src/', 'server/src/'],
  },
  {
    modules: ['node:child_process'],
    allowed: ['authoring/src/', 'testing/src/', 'host/src/node/'],
  },
  { modules: ['node:sqlite'], allowed: ['host/src/node/store/'] },
  {
    modules: ['node:fs', 'node:fs/promises'],
    allowed: [
      'host/src/node/',
      'signing/src/node/',
      'registry/src/node/',
      'registry-server/src/',
      'testing/',
      'authoring/',
      'cli/src/',
      'server/src/',
    ],
  },
]

export function checkLayers(): string[] {
  const problems: string[] = []
  for (const file of globSync('packages/*/src/**/*.ts')) {
    const path = file.replaceAll('\\', '/').slice('packages/'.length)
    const own = path.split('/')[0] as string
    const layer = LAYERS[own]
    if (layer === undefined) {
      problems.push(`${file}: package "${own}" has no layer in tools/check/layers.ts`)
      continue
    }
    const text = readFileSync(file, 'utf8')
    for (const match of text.matchAll(/(?:from|import\()\s*'([^']+)'/g)) {
      const name = match[1] as string
      const other = /^@morphee\/([^/]+)/.exec(name)?.[1]
      if (
        other !== undefined &&
        other !== own &&
        LAYERS[other] !== undefined &&
        (LAYERS[other] as number) >= layer
      ) {
        problems.push(
          `${file}: ${own} (layer ${layer}) imports ${name} (layer ${LAYERS[other]}); only lower layers may be imported`,
        )
      }
      if (/^@morphee\/[^/]+\/(src|dist)/.test(name))
        problems.push(`${file}: imports ${name}; import the package entry, not its files`)
      for (const { modules, allowed } of EFFECTS) {
        if (modules.includes(name) && !allowed.some((prefix) => path.startsWith(prefix))) {
          problems.push(`${file}: imports ${name}, which only ${allowed.join(', ')} may`)
        }
      }
    }
    const mayFetch = ['egress/', 'testing/', 'web/', 'registry-server/'].some((prefix) =>
      path.startsWith(prefix),
    )
    if (
      !mayFetch &&
      /(?<![.\w])fetch\(|globalThis\.fetch|new WebSocket|XMLHttpRequest/.test(stripComments(text))
    ) {
      problems.push(`${file}: reaches the network beside the egress guard`)
    }
    if (/(?<!\.)\beval\(|new Function\(/.test(stripComments(text)))
      problems.push(`${file}: generates code`)
  }
  return problems
}

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
}
