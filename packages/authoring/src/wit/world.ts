import type { Manifest } from '@morphee/manifest'
import { CONTRACT } from './contract.ts'
import { readInterfaces } from './interface-text.ts'

/** Functions of the contract, by interface: `http` → `read`, `read-all`. */
export type FunctionSet = ReadonlyMap<string, ReadonlySet<string>>

/** What a component may export. */
export type ExportedInterface = 'actions' | 'event-handler'

/** What a component of this manifest exports: its actions, and a handler when it subscribes to something. */
export function exportedInterfaces(manifest: Manifest): readonly ExportedInterface[] {
  return subscribes(manifest) ? ['actions', 'event-handler'] : ['actions']
}

/** Whether the manifest asks for `event:subscribe`. */
export function subscribes({ permissions }: Manifest): boolean {
  return permissions.some(({ kind }) => kind === 'event:subscribe')
}

const contract = readInterfaces(CONTRACT)

const [CONTRACT_NAME, CONTRACT_VERSION] = contract.id.split('@') as [string, string]

/** The import name of one of the contract's interfaces, as it stands in a component: `morphee:extension/http@0.9.0`. */
export function interfaceId(name: string): string {
  return `${CONTRACT_NAME}/${name}@${CONTRACT_VERSION}`
}

/** The contract's interface that an import names, or `undefined` for one of somebody else or of another version. */
export function contractInterface(id: string): string | undefined {
  const name = new RegExp(
    `^${CONTRACT_NAME}/([a-z-]+)@${CONTRACT_VERSION.replaceAll('.', '\\.')}$`,
  ).exec(id)?.[1]
  return name !== undefined && contract.interfaces.has(name) ? name : undefined
}

/** The functions of one of the contract's interfaces. */
export function functionsOf(name: string): readonly string[] {
  return [...(contract.interfaces.get(name)?.functions.keys() ?? [])]
}

/**
 * A WIT package whose world `extension` imports `functions` and nothing else, and exports `exported`.
 *
 * A component that is made against it shows by its imports what it can do, function by function, even when its toolchain
 * imports all of its world.
 */
export function worldText(functions: FunctionSet, exported: readonly ExportedInterface[]): string {
  const imported = [...functions].filter(([, names]) => names.size > 0)
  const lines = [`package ${contract.id};`, ...interfaceLines('types', new Set())]
  for (const [name, names] of imported) lines.push(...interfaceLines(name, names))
  for (const name of exported) lines.push(...interfaceLines(name, new Set(functionsOf(name))))
  lines.push('world extension {')
  for (const [name] of imported) lines.push(`  import ${name};`)
  for (const name of exported) lines.push(`  export ${name};`)
  lines.push('}', '')
  return lines.join('\n')
}

function interfaceLines(name: string, functions: ReadonlySet<string>): string[] {
  const text = contract.interfaces.get(name)
  if (text === undefined) throw new RangeError(`The contract has no interface "${name}"`)
  const kept = [...functions].map((called) => {
    const line = text.functions.get(called)
    if (line === undefined) throw new RangeError(`The contract has no function "${name}.${called}"`)
    return line
  })
  return [`interface ${name} {`, ...[...text.types, ...kept].map((line) => `  ${line}`), '}']
}
