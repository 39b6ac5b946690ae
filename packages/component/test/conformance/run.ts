import { Component, ComponentError, type ComponentInstance, EngineError } from '@morphee/component'
import { wrongReason } from './reasons.ts'
import { wrongTrap } from './traps.ts'

/** A folder of the specification's own suite: its scripts and components by name. */
export type SuiteFolder = ReadonlyMap<string, Uint8Array>

interface Value {
  readonly type: string
  readonly value: any
}
interface Command {
  readonly type: string
  readonly line: number
  readonly name?: string
  readonly filename?: string
  readonly module?: string
  readonly module_type?: string
  readonly text?: string
  readonly action?: { readonly field: string; readonly args: readonly Value[] }
  readonly expected?: readonly Value[]
}

/** What became of the commands of one folder. A wrong answer is a failure that ran: the worst kind. */
export interface FolderResult {
  passed: number
  /** How many of the passed are components rejected for the reason that the suite gives. */
  rejected: number
  /** How many of the passed are guests stopped for the reason that the suite gives. */
  trapped: number
  failed: number
  unsupported: number
  wrong: number
  readonly failures: string[]
}

const LIMITS = { maxMemoryBytes: 4 * 1024 * 1024 * 1024, maxTableElements: 10_000_000 }

/** Runs one folder of the suite. */
export async function runFolder(folder: SuiteFolder): Promise<FolderResult> {
  const result: FolderResult = {
    passed: 0,
    rejected: 0,
    trapped: 0,
    failed: 0,
    unsupported: 0,
    wrong: 0,
    failures: [],
  }
  for (const file of [...folder.keys()].filter((name) => name.endsWith('.json')).toSorted())
    await runScript(folder, file, result)
  return result
}

function isUnsupported(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'ERR_COMPONENT_UNSUPPORTED'
}

async function runScript(folder: SuiteFolder, file: string, result: FolderResult): Promise<void> {
  const { commands } = JSON.parse(new TextDecoder().decode(folder.get(file))) as {
    commands: Command[]
  }
  const definitions = new Map<string, Component | 'unsupported'>()
  let current: ComponentInstance | 'unsupported' | undefined
  const fail = (command: Command, why: unknown): void => {
    result.failed++
    const text =
      why instanceof Error
        ? `${why.message}${why.cause instanceof Error ? ` <- ${why.cause.message}` : ''}`
        : String(why)
    result.failures.push(`${file}:${command.line} ${command.type} ${command.text ?? ''}: ${text}`)
  }
  const load = (command: Command): Promise<Component> =>
    Component.compile(folder.get(command.filename as string) as Uint8Array, { limits: LIMITS })

  for (const command of commands) {
    try {
      switch (command.type) {
        case 'module':
        case 'module_definition': {
          if (command.type === 'module') current = 'unsupported'
          if (command.name !== undefined) definitions.set(command.name, 'unsupported')
          const component = await load(command)
          if (command.name !== undefined) definitions.set(command.name, component)
          if (command.type === 'module') current = await component.instantiate()
          result.passed++
          break
        }
        case 'module_instance': {
          current = 'unsupported'
          const definition = definitions.get(command.module as string)
          if (definition === undefined || definition === 'unsupported') {
            result.unsupported++
            break
          }
          current = await definition.instantiate()
          result.passed++
          break
        }
        case 'assert_invalid':
        case 'assert_malformed': {
          if (command.module_type === 'text') break
          try {
            await load(command)
          } catch (error) {
            const why = isUnsupported(error)
              ? undefined
              : wrongReason(command.type, command.text ?? '', error)
            if (isUnsupported(error)) result.unsupported++
            else if (why === undefined) {
              result.passed++
              result.rejected++
            } else fail(command, why)
            break
          }
          fail(command, 'was accepted')
          break
        }
        default: {
          if (current === undefined || current === 'unsupported') {
            result.unsupported++
            break
          }
          runAssertion(current, command, result, fail)
        }
      }
    } catch (error) {
      if (isUnsupported(error)) result.unsupported++
      else fail(command, error)
    }
  }
}

function runAssertion(
  instance: ComponentInstance,
  command: Command,
  result: FolderResult,
  fail: (command: Command, why: unknown) => void,
): void {
  const field = (command.action?.field ?? '').replaceAll(/-(.)/g, (_, letter: string) =>
    letter.toUpperCase(),
  )
  const func = instance.exports[field]
  let outcome: unknown
  try {
    outcome = func?.(...(command.action?.args ?? []).map(toValue))
  } catch (error) {
    if (error instanceof ComponentError) outcome = error
    else {
      const why = command.type === 'assert_trap' ? wrongTrap(command.text ?? '', error) : error
      if (why !== undefined) return fail(command, why)
      result.passed++
      result.trapped++
      return
    }
  }
  if (command.type === 'assert_trap') {
    result.wrong++
    return fail(command, `did not trap but returned ${show(outcome)}`)
  }
  const expected = command.expected?.[0]
  if (command.type === 'action' || matches(outcome, expected)) result.passed++
  else {
    result.wrong++
    fail(command, `expected ${JSON.stringify(expected)}, got ${show(outcome)}`)
  }
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ??
    'undefined'
  )
}

const bits = new DataView(new ArrayBuffer(8))

function toValue({ type, value }: Value): unknown {
  switch (type) {
    case 'u64':
    case 's64':
      return BigInt(value)
    case 'f32':
      bits.setUint32(0, Number(value))
      return bits.getFloat32(0)
    case 'f64':
      bits.setBigUint64(0, BigInt(value))
      return bits.getFloat64(0)
    case 'bool':
    case 'string':
    case 'char':
    case 'enum':
      return value
    case 'list': {
      const items = (value as Value[]).map(toValue)
      return value.length > 0 && value[0].type === 'u8' ? Uint8Array.from(items as number[]) : items
    }
    case 'tuple':
      return (value as Value[]).map(toValue)
    case 'record':
      return Object.fromEntries(
        (value as [string, Value][]).map(([name, inner]) => [camel(name), toValue(inner)]),
      )
    case 'variant':
      return value.payload === undefined
        ? { tag: value.case }
        : { tag: value.case, val: toValue(value.payload) }
    case 'flags':
      return Object.fromEntries((value as string[]).map((name) => [camel(name), true]))
    case 'option':
      return value === null ? undefined : toValue(value)
    case 'result':
      return 'Ok' in value
        ? { tag: 'ok', val: value.Ok && toValue(value.Ok) }
        : { tag: 'err', val: value.Err && toValue(value.Err) }
    default:
      return Number(value)
  }
}

function camel(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

function matches(actual: unknown, expected: Value | undefined): boolean {
  if (expected === undefined) return actual === undefined
  if (expected.type === 'result') {
    const { Ok: ok, Err: err } = expected.value as { Ok?: Value | null; Err?: Value | null }
    if (actual instanceof ComponentError)
      return err !== undefined && matches(actual.payload, err ?? undefined)
    return ok !== undefined && matches(actual, ok ?? undefined)
  }
  if (expected.type === 'flags') {
    const set = Object.entries(actual as Record<string, boolean>).filter(([, on]) => on)
    return show(set.map(([name]) => name)) === show((expected.value as string[]).map(camel))
  }
  const wanted = toValue(expected)
  return typeof wanted === 'number' && Number.isNaN(wanted)
    ? Number.isNaN(actual)
    : show(normal(actual)) === show(normal(wanted))
}

function normal(value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value
}
