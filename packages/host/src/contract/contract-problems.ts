import { type Component, type FuncDescription, sameFuncType } from '@morphee/component'
import type { Manifest } from '@morphee/manifest'
import { CONTRACT, CONTRACT_VERSION, HANDLE, INVOKE } from './contract.generated.ts'
import { CONTRACT_RULES } from './contract-rules.ts'
import { wasiProblem } from './wasi-rules.ts'

const NAMESPACE = 'morphee:extension/'

/**
 * What stands between a component and the contract, in words; nothing when it fits.
 *
 * The binary is the evidence: each imported function must exist in this version, have exactly its types, and be covered by a
 * permission of the manifest. Types alone (`types`) may be imported freely: they carry no authority.
 */
export function contractProblems(component: Component, manifest: Manifest): string[] {
  const problems: string[] = []
  const asked = new Set<string>(manifest.permissions.map(({ kind }) => kind))
  for (const item of component.imports) {
    if (item.name.startsWith('wasi:')) {
      const problem = wasiProblem(item.name, asked)
      if (problem !== undefined) problems.push(problem)
      continue
    }
    const where = parseInterface(item.name)
    if (item.kind !== 'instance' || where === undefined) {
      problems.push(
        `imports "${item.name.slice(0, 200)}", which is not part of ${NAMESPACE}*@${CONTRACT_VERSION}`,
      )
      continue
    }
    for (const member of item.exports) {
      if (member.kind === 'type') continue
      const { name } = member
      const id = `${where}#${name}`
      const fn = Object.hasOwn(CONTRACT, id) ? CONTRACT[id] : undefined
      if (fn === undefined || member.kind !== 'func') {
        problems.push(`imports ${where}.${name}, which this host does not have`)
      } else if (!sameFuncType(member, fn.type)) {
        problems.push(`imports ${where}.${name} with other types than the contract's`)
      } else {
        const { permission } = CONTRACT_RULES[id] as (typeof CONTRACT_RULES)[string]
        if (permission !== undefined && !asked.has(permission)) {
          problems.push(`imports ${where}.${name}, and its manifest does not ask for ${permission}`)
        }
      }
    }
  }
  if (!exportsFunction(component, 'actions', 'invoke', INVOKE)) {
    problems.push(
      `does not export ${NAMESPACE}actions@${CONTRACT_VERSION} with the contract's invoke`,
    )
  }
  const subscribes = asked.has('event:subscribe')
  if (subscribes && !exportsFunction(component, 'event-handler', 'handle', HANDLE)) {
    problems.push(
      `does not export ${NAMESPACE}event-handler@${CONTRACT_VERSION} with the contract's handle, and its manifest asks for event:subscribe`,
    )
  }
  // In whatever version: what is exported and never run is nothing that anybody reviewed.
  if (!subscribes && component.exports.some(({ name }) => name.startsWith(HANDLER))) {
    problems.push('exports event-handler, and its manifest does not ask for event:subscribe')
  }
  return problems
}

const HANDLER = `${NAMESPACE}event-handler@`

function exportsFunction(
  component: Component,
  from: string,
  name: string,
  type: FuncDescription,
): boolean {
  const item = component.exports.find(
    (one) => one.name === `${NAMESPACE}${from}@${CONTRACT_VERSION}`,
  )
  const fn = item?.kind === 'instance' ? item.exports.find((one) => one.name === name) : undefined
  return fn?.kind === 'func' && sameFuncType(fn, type)
}

function parseInterface(name: string): string | undefined {
  const suffix = `@${CONTRACT_VERSION}`
  if (!name.startsWith(NAMESPACE) || !name.endsWith(suffix)) return undefined
  return name.slice(NAMESPACE.length, -suffix.length)
}
