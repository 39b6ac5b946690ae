// The host decodes what a guest sends with these types, so they come from the WIT itself and never from a component.
import { Component, type FuncDescription } from '@morphee/component'
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools'
import { readFileSync, writeFileSync } from 'node:fs'
import { CONTRACT_RULES } from '../../packages/host/src/contract/contract-rules.ts'

export async function generateContract(): Promise<void> {
  const witSource = readFileSync('spec/wit/extension.wit', 'utf8')
  const version = /^package morphee:extension@([^;]+);/m.exec(witSource)?.[1]
  if (version === undefined) throw new Error('spec/wit/extension.wit names no package version')
  const core = await componentEmbed({ witSource, world: 'extension-full', dummy: true })
  const component = await Component.compile(new Uint8Array(await componentNew(core, [])))

  const functions: Record<string, unknown> = {}
  const unknown = new Set(Object.keys(CONTRACT_RULES))
  for (const item of component.imports) {
    if (item.kind !== 'instance') continue
    const name = item.name.slice('morphee:extension/'.length, item.name.indexOf('@'))
    for (const fn of item.exports) {
      const id = `${name}#${fn.name}`
      const rule = CONTRACT_RULES[id]
      unknown.delete(id)
      if (fn.kind !== 'func' || rule === undefined) continue
      functions[id] = {
        interface: name,
        name: fn.name,
        jsName: fn.name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
        place: rule.place,
        params: fn.params.map(({ type }) => type),
        result: fn.result,
        type: { kind: 'func', params: fn.params, result: fn.result },
      }
    }
  }
  if (unknown.size > 0)
    throw new Error(
      `contract-rules.ts names functions that the WIT does not have: ${[...unknown].join(', ')}`,
    )
  const exported = (from: string, name: string): string => {
    const item = component.exports.find(
      (one) => one.name === `morphee:extension/${from}@${version}`,
    )
    const fn = item?.kind === 'instance' ? item.exports.find((one) => one.name === name) : undefined
    if (fn?.kind !== 'func') throw new Error(`The WIT exports no ${from}.${name}`)
    const { name: _, ...type } = fn as FuncDescription & { name: string }
    return JSON.stringify(type)
  }

  // One line a function: a changed type is one changed line.
  const lines = Object.entries(functions).map(
    ([id, fn]) => `  ${JSON.stringify(id)}: ${JSON.stringify(fn)},`,
  )
  writeFileSync(
    'packages/host/src/contract/contract.generated.ts',
    `// Generated from spec/wit/extension.wit by \`npm run generate\`. Do not edit.
import type { FuncDescription, ValueType } from '@morphee/component'

/** One function that an extension may import. */
export interface ContractFunction {
  readonly interface: string
  readonly name: string
  /** The name in JavaScript's convention. */
  readonly jsName: string
  readonly place: 'worker' | 'host'
  readonly params: readonly ValueType[]
  readonly result: ValueType | null
  readonly type: FuncDescription
}

/** Version of the package \`morphee:extension\`. */
export const CONTRACT_VERSION = '${version}'

/** Every function, as \`interface#function\`. */
export const CONTRACT: Readonly<Record<string, ContractFunction>> = {
${lines.join('\n')}
}

/** Type of \`actions.invoke\`, which every extension exports. */
export const INVOKE: FuncDescription = ${exported('actions', 'invoke')}

/** Type of \`event-handler.handle\`, which an extension that subscribes to topics exports. */
export const HANDLE: FuncDescription = ${exported('event-handler', 'handle')}
`,
  )
}
