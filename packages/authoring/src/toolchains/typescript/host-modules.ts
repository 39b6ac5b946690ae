import type { Plugin } from 'esbuild'
import { type FunctionSet, functionsOf, interfaceId } from '../../wit/world.ts'

const NAMESPACE = 'morphee-host'
const FUNCTION_MODULE = 'morphee:function/'

/**
 * The host's interfaces as modules, one module a function behind them, so that what the bundler leaves in is what is called.
 *
 * `morphee:extension/http@…` gives every function of the interface; `morphee:permitted/http` too, but with a refusal in place
 * of each that the manifest does not ask for, for code that decides at run time which of them it calls.
 */
export function hostModules(permitted: FunctionSet): Plugin {
  return {
    name: 'morphee-host-modules',
    setup(build) {
      build.onResolve({ filter: /^morphee:/ }, ({ path, namespace, importer }) =>
        // A function's own module imports the real one, which the component's toolchain provides.
        namespace === NAMESPACE && importer.startsWith(FUNCTION_MODULE)
          ? { path, external: true }
          : { path, namespace: NAMESPACE, sideEffects: false },
      )
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
        const contents = moduleText(path, permitted)
        return contents === undefined
          ? { errors: [{ text: `The host has no module "${path}"` }] }
          : { contents, loader: 'js' }
      })
    },
  }
}

/** The functions of the host that are left in a bundle, by the bundler's own account. */
export function usedFunctions(
  bytesOfInput: Iterable<readonly [path: string, bytes: number]>,
): FunctionSet {
  const used = new Map<string, Set<string>>()
  for (const [path, bytes] of bytesOfInput) {
    const [name, called] = path.split(FUNCTION_MODULE)[1]?.split('/') ?? []
    if (name === undefined || called === undefined || bytes === 0) continue
    used.set(name, (used.get(name) ?? new Set()).add(called))
  }
  return used
}

function moduleText(path: string, permitted: FunctionSet): string | undefined {
  if (path.startsWith(FUNCTION_MODULE)) {
    const [name = '', called = ''] = path.slice(FUNCTION_MODULE.length).split('/')
    return `import { ${guestName(called)} as call } from '${interfaceId(name)}'\nexport const f = call`
  }
  const lenient = /^morphee:permitted\/([a-z-]+)$/.exec(path)?.[1]
  const name = lenient ?? /^morphee:extension\/([a-z-]+)@/.exec(path)?.[1]
  if (name === undefined || (lenient === undefined && path !== interfaceId(name))) return undefined
  const functions = functionsOf(name)
  if (functions.length === 0) return undefined
  const allowed = permitted.get(name) ?? new Set()
  return functions
    .map((called) =>
      // Where nothing of the interface is asked for, the call is a fault of the manifest and not a choice at run time.
      lenient !== undefined && allowed.size > 0 && !allowed.has(called)
        ? refusal(name, called)
        : `export { f as ${guestName(called)} } from '${FUNCTION_MODULE}${name}/${called}'`,
    )
    .join('\n')
}

function refusal(name: string, called: string): string {
  const message = `The manifest of this extension asks for nothing that allows ${name}.${called}`
  const failure = JSON.stringify({ code: 'permission-denied', message })
  return `export const ${guestName(called)} = () => { throw { payload: ${failure} } }`
}

/** `read-all` is `readAll` to a JavaScript guest. */
function guestName(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
