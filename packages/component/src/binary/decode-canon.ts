import { readCoreValType } from '../core/val-type.ts'
import type {
  BuiltinAst,
  CanonAst,
  CanonOptionsAst,
  PlainBuiltinName,
  StringEncoding,
} from './ast.ts'
import { readResult } from './decode-type.ts'
import type { Reader } from './reader.ts'

const ENCODINGS: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16']

function readOptions(reader: Reader): CanonOptionsAst {
  const seen = new Map<string, number>()
  let encoding: StringEncoding | undefined
  const once = (name: string, offset: number, value: number): void => {
    if (seen.has(name)) {
      throw reader.invalid(`canonical option ${name} is specified more than once`, offset)
    }
    seen.set(name, value)
  }
  reader.vec(() => {
    const offset = reader.at
    const form = reader.byte()
    switch (form) {
      case 0x00:
      case 0x01:
      case 0x02: {
        const named = ENCODINGS[form] as StringEncoding
        if (encoding !== undefined) {
          throw reader.invalid(
            `canonical encoding option ${encoding} conflicts with option ${named}`,
            offset,
          )
        }
        encoding = named
        return
      }
      case 0x03:
        return once('memory', offset, reader.u32())
      case 0x04:
        return once('realloc', offset, reader.u32())
      case 0x05:
        return once('post-return', offset, reader.u32())
      case 0x06:
        return once('async', offset, 1)
      case 0x07:
        return once('callback', offset, reader.u32())
      case 0x08:
        return once('core-type', offset, reader.u32())
      case 0x09:
        return once('gc', offset, 1)
      default:
        return reader.fail('unknown canonical option', offset)
    }
  })
  return {
    encoding: encoding ?? 'utf8',
    memory: seen.get('memory'),
    realloc: seen.get('realloc'),
    postReturn: seen.get('post-return'),
    isAsync: seen.has('async'),
    callback: seen.get('callback'),
    isGc: seen.has('gc'),
    coreType: seen.get('core-type'),
  }
}

const PLAIN: Readonly<Record<number, PlainBuiltinName>> = {
  0x05: 'task.cancel',
  0x0d: 'subtask.drop',
  0x1e: 'error-context.drop',
  0x1f: 'waitable-set.new',
  0x22: 'waitable-set.drop',
  0x23: 'waitable.join',
  0x24: 'backpressure.inc',
  0x25: 'backpressure.dec',
  0x26: 'thread.index',
  0x28: 'thread.resume-later',
}

// A byte behind these once said "cancellable"; it has to be zero since that option is gone.
const BEFORE_ZERO: Readonly<Record<number, PlainBuiltinName>> = {
  0x0c: 'thread.yield',
  0x29: 'thread.suspend',
  0x2a: 'thread.suspend-then-resume',
  0x2b: 'thread.yield-then-resume',
  0x2c: 'thread.suspend-then-promote',
  0x2d: 'thread.yield-then-promote',
}

type KindWith<Key extends PropertyKey> = Extract<BuiltinAst, Readonly<Record<Key, unknown>>>['kind']
type EndKind = `${'stream' | 'future'}.${string}` & BuiltinAst['kind']
type CopyKind = EndKind & KindWith<'options'>
type CancelKind = EndKind & KindWith<'isAsync'>

const OF_TYPE: Readonly<Record<number, Exclude<EndKind, CopyKind | CancelKind>>> = {
  0x0e: 'stream.new',
  0x13: 'stream.drop-readable',
  0x14: 'stream.drop-writable',
  0x15: 'future.new',
  0x1a: 'future.drop-readable',
  0x1b: 'future.drop-writable',
  0x2e: 'stream.forward',
  0x2f: 'future.forward',
}
const COPIES: Readonly<Record<number, CopyKind>> = {
  0x0f: 'stream.read',
  0x10: 'stream.write',
  0x16: 'future.read',
  0x17: 'future.write',
}
const CANCELS: Readonly<Record<number, CancelKind>> = {
  0x11: 'stream.cancel-read',
  0x12: 'stream.cancel-write',
  0x18: 'future.cancel-read',
  0x19: 'future.cancel-write',
}

function readFlag(reader: Reader, what: string): boolean {
  const start = reader.at
  const flag = reader.byte()
  if (flag > 1) reader.fail(`invalid boolean value: ${what} is given (1) or not (0)`, start)
  return flag === 1
}

function readZero(reader: Reader): void {
  if (reader.byte() !== 0) reader.fail('a zero byte is required here', reader.at - 1)
}

function readBuiltin(reader: Reader, opcode: number, offset: number): BuiltinAst {
  const plain = PLAIN[opcode]
  if (plain !== undefined) return { kind: plain }
  const beforeZero = BEFORE_ZERO[opcode]
  if (beforeZero !== undefined) {
    readZero(reader)
    return { kind: beforeZero }
  }
  const ofType = OF_TYPE[opcode]
  if (ofType !== undefined) return { kind: ofType, type: reader.u32() }
  const copy = COPIES[opcode]
  if (copy !== undefined) return { kind: copy, type: reader.u32(), options: readOptions(reader) }
  const cancel = CANCELS[opcode]
  if (cancel !== undefined) {
    return { kind: cancel, type: reader.u32(), isAsync: readFlag(reader, 'async') }
  }
  switch (opcode) {
    case 0x06:
      return { kind: 'subtask.cancel', isAsync: readFlag(reader, 'async') }
    case 0x09:
      return { kind: 'task.return', result: readResult(reader), options: readOptions(reader) }
    case 0x0a:
    case 0x0b:
      return {
        kind: opcode === 0x0a ? 'context.get' : 'context.set',
        type: readCoreValType(reader),
        slot: reader.u32(),
      }
    case 0x1c:
      return { kind: 'error-context.new', options: readOptions(reader) }
    case 0x1d:
      return { kind: 'error-context.debug-message', options: readOptions(reader) }
    case 0x20:
    case 0x21:
      readZero(reader)
      return {
        kind: opcode === 0x20 ? 'waitable-set.wait' : 'waitable-set.poll',
        memory: reader.u32(),
      }
    case 0x27:
      return { kind: 'thread.new-indirect', type: reader.u32(), table: reader.u32() }
    case 0x40:
      return {
        kind: 'thread.spawn-ref',
        isShared: readFlag(reader, 'shared'),
        type: reader.u32(),
      }
    case 0x41:
      return {
        kind: 'thread.spawn-indirect',
        isShared: readFlag(reader, 'shared'),
        type: reader.u32(),
        table: reader.u32(),
      }
    case 0x42:
      return { kind: 'thread.available-parallelism', isShared: readFlag(reader, 'shared') }
    default:
      return reader.fail('unknown canonical function', offset)
  }
}

/** A canonical definition (Component Model, Binary.md, "Canonical Definitions"). */
export function readCanon(reader: Reader): CanonAst {
  const offset = reader.at
  const opcode = reader.byte()
  switch (opcode) {
    case 0x00:
      if (reader.byte() !== 0) reader.fail('only functions can be lifted', reader.at - 1)
      return { kind: 'lift', func: reader.u32(), options: readOptions(reader), type: reader.u32() }
    case 0x01:
      if (reader.byte() !== 0) reader.fail('only functions can be lowered', reader.at - 1)
      return { kind: 'lower', func: reader.u32(), options: readOptions(reader) }
    case 0x02:
      return { kind: 'resource.new', resource: reader.u32() }
    case 0x03:
      return { kind: 'resource.drop', resource: reader.u32() }
    case 0x04:
      return { kind: 'resource.rep', resource: reader.u32() }
    default:
      return { kind: 'builtin', builtin: readBuiltin(reader, opcode, offset) }
  }
}
