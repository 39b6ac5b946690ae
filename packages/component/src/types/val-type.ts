import type { PrimitiveName } from '../binary/ast.ts'
import { invalid, overLimit } from '../errors.ts'
import type { WorkBudget } from '../limits.ts'

/** A core type as values are flattened into it. */
export type FlatType = 'i32' | 'i64' | 'f32' | 'f64'

/** A resource type: what makes two handles interchangeable is the identity of this object. */
export interface ResourceId {
  /** What the component calls it where it was introduced, for messages and descriptions. */
  readonly name: string
  /** Where instances of the component that sees this id keep the resource it stands for. */
  slot: number
  /** Whether the component itself defines it, which `resource.new` and `resource.rep` ask for. */
  readonly isLocal: boolean
}

/** A type index that stands for a resource. What an import or export makes of one is another, and the same resource. */
export interface ResourceName {
  readonly kind: 'resource'
  readonly type: ResourceId
  /** As {@link ValType} has it. */
  readonly source?: ResourceName
}

export interface Field {
  readonly name: string
  readonly type: ValType
}
export interface Case {
  readonly name: string
  readonly type: ValType | undefined
}

/** A value type, resolved. Nodes are shared: the same definition used twice is the same object. */
export type ValShape =
  | { readonly kind: PrimitiveName }
  | { readonly kind: 'record'; readonly fields: readonly Field[] }
  | { readonly kind: 'variant'; readonly cases: readonly Case[] }
  | { readonly kind: 'list'; readonly element: ValType; readonly length: number | undefined }
  | { readonly kind: 'tuple'; readonly types: readonly ValType[] }
  | { readonly kind: 'flags' | 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly type: ValType }
  | {
      readonly kind: 'result'
      readonly ok: ValType | undefined
      readonly error: ValType | undefined
    }
  | {
      readonly kind: 'own' | 'borrow'
      readonly resource: ResourceId
      /** The name by which it is meant; one resource can go by several, and not all of them are known outside. */
      readonly named: ResourceName
    }
  | { readonly kind: 'stream' | 'future'; readonly element: ValType | undefined }
  | { readonly kind: 'map'; readonly key: ValType; readonly value: ValType }

/** What the Canonical ABI says about a type, worked out once when it is defined. */
export interface ValLayout {
  readonly size: number
  readonly align: number
  /** As `size` and `align`, if pointers had 64 bits: what the bound on value sizes is measured in. */
  readonly wide: { readonly size: number; readonly align: number }
  /** The flattened form, or `undefined` when it has more than 16 parts and therefore always travels through memory. */
  readonly flat: readonly FlatType[] | undefined
  /** Nodes when written out in full, and how deep. */
  readonly nodes: number
  readonly depth: number
  readonly hasBorrow: boolean
  readonly hasResource: boolean
  /** Whether a value of it holds a pointer: then lifting needs a memory, and lowering a realloc too. */
  readonly hasPointer: boolean
  /** A feature without which no value of it can cross the boundary. */
  readonly needs: string | undefined
}
export type ValType = ValShape & {
  readonly layout: ValLayout
  /** The type that an import or export gave this further name to, by which WIT knows what is a `use` of what. */
  readonly source?: ValType
}

const MAX_VALUE_BYTES = 2 ** 28
const MAX_FLAT = 16

export function alignTo(offset: number, align: number): number {
  return Math.ceil(offset / align) * align
}

/** Bytes of a discriminant with `count` cases. */
export function discriminantSize(count: number): 1 | 2 | 4 {
  return count <= 0x100 ? 1 : count <= 0x1_0000 ? 2 : 4
}

/** Bytes of a set of flags. */
export function flagsSize(count: number): 1 | 2 | 4 {
  return count <= 8 ? 1 : count <= 16 ? 2 : 4
}

/** The cases of a type that is stored with a discriminant. */
export function casesOf(type: ValShape): readonly Case[] | undefined {
  switch (type.kind) {
    case 'variant':
      return type.cases
    case 'enum':
      return type.names.map((name) => ({ name, type: undefined }))
    case 'option':
      return [
        { name: 'none', type: undefined },
        { name: 'some', type: type.type },
      ]
    case 'result':
      return [
        { name: 'ok', type: type.ok },
        { name: 'error', type: type.error },
      ]
    default:
      return undefined
  }
}

const NUMBERS: Readonly<Partial<Record<PrimitiveName, readonly [size: number, flat: FlatType]>>> = {
  bool: [1, 'i32'],
  s8: [1, 'i32'],
  u8: [1, 'i32'],
  s16: [2, 'i32'],
  u16: [2, 'i32'],
  s32: [4, 'i32'],
  u32: [4, 'i32'],
  s64: [8, 'i64'],
  u64: [8, 'i64'],
  f32: [4, 'f32'],
  f64: [8, 'f64'],
  char: [4, 'i32'],
  'error-context': [4, 'i32'],
}

/** The type that holds either of two flattened values. */
export function joinFlat(a: FlatType, b: FlatType): FlatType {
  if (a === b) return a
  if ((a === 'i32' && b === 'f32') || (a === 'f32' && b === 'i32')) return 'i32'
  return 'i64'
}

/** Flattens `cases` behind their discriminant; `undefined` when there are more than 16 parts. */
export function flattenCases(cases: readonly Case[]): FlatType[] | undefined {
  const flat: FlatType[] = ['i32']
  for (const { type } of cases) {
    if (type === undefined) continue
    const inner = type.layout.flat
    if (inner === undefined || inner.length + 1 > MAX_FLAT) return undefined
    inner.forEach((part, index) => {
      const before = flat[index + 1]
      flat[index + 1] = before === undefined ? part : joinFlat(before, part)
    })
  }
  return flat
}

/** `flat` of several values one after the other. */
export function flattenAll(types: readonly ValType[]): FlatType[] | undefined {
  const flat: FlatType[] = []
  for (const { layout } of types) {
    if (layout.flat === undefined) return undefined
    flat.push(...layout.flat)
    if (flat.length > MAX_FLAT) return undefined
  }
  return flat
}

/** Size and alignment of values one after the other, as a record has them. */
export function sequenceLayout(types: readonly ValType[]): {
  size: number
  align: number
  offsets: number[]
} {
  let size = 0
  let align = 1
  const offsets: number[] = []
  for (const { layout } of types) {
    align = Math.max(align, layout.align)
    size = alignTo(size, layout.align)
    offsets.push(size)
    size += layout.size
  }
  return { size: alignTo(size, align), align, offsets }
}

/** The types that a type is made of, in order. */
export function childrenOf(shape: ValShape): readonly ValType[] {
  switch (shape.kind) {
    case 'record':
      return shape.fields.map((field) => field.type)
    case 'tuple':
      return shape.types
    case 'list':
      return [shape.element]
    case 'map':
      return [shape.key, shape.value]
    case 'stream':
    case 'future':
      return shape.element === undefined ? [] : [shape.element]
    default:
      return (casesOf(shape) ?? []).flatMap((one) => (one.type === undefined ? [] : [one.type]))
  }
}

type Extent = { readonly size: number; readonly align: number }

/** Size and alignment of `shape`, given those of its parts and of a pointer. */
function extentOf(shape: ValShape, pointer: 4 | 8, of: (type: ValType) => Extent): Extent {
  switch (shape.kind) {
    case 'string':
    case 'map':
      return { size: 2 * pointer, align: pointer }
    case 'list': {
      if (shape.length === undefined) return { size: 2 * pointer, align: pointer }
      const { size, align } = of(shape.element)
      return { size: size * shape.length, align }
    }
    case 'record':
    case 'tuple': {
      let size = 0
      let align = 1
      for (const type of childrenOf(shape)) {
        const part = of(type)
        align = Math.max(align, part.align)
        size = alignTo(size, part.align) + part.size
      }
      return { size: alignTo(size, align), align }
    }
    case 'flags': {
      const size = flagsSize(shape.names.length)
      return { size, align: size }
    }
    case 'own':
    case 'borrow':
    case 'stream':
    case 'future':
      return { size: 4, align: 4 }
    case 'variant':
    case 'enum':
    case 'option':
    case 'result': {
      const cases = casesOf(shape) ?? []
      const tag = discriminantSize(cases.length)
      let size = 0
      let inner = 1
      for (const { type } of cases) {
        if (type === undefined) continue
        const part = of(type)
        size = Math.max(size, part.size)
        inner = Math.max(inner, part.align)
      }
      const align = Math.max(tag, inner)
      return { size: alignTo(alignTo(tag, inner) + size, align), align }
    }
    default: {
      const [size] = NUMBERS[shape.kind] ?? [0]
      return { size, align: size }
    }
  }
}

function flatOf(shape: ValShape): FlatType[] | undefined {
  switch (shape.kind) {
    case 'string':
    case 'map':
      return ['i32', 'i32']
    case 'list': {
      if (shape.length === undefined) return ['i32', 'i32']
      const { flat } = shape.element.layout
      if (flat === undefined || flat.length * shape.length > MAX_FLAT) return undefined
      return Array.from({ length: shape.length }, () => flat).flat()
    }
    case 'record':
    case 'tuple':
      return flattenAll(childrenOf(shape))
    case 'variant':
    case 'enum':
    case 'option':
    case 'result':
      return flattenCases(casesOf(shape) ?? [])
    default:
      return [NUMBERS[shape.kind as PrimitiveName]?.[1] ?? 'i32']
  }
}

const NEEDS: Readonly<Record<string, string>> = {
  stream: 'async',
  future: 'async',
  'error-context': 'error-context',
}

/**
 * Completes `shape` with its layout.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_INVALID` for values of 256 MiB and more, `ERR_COMPONENT_LIMIT` for types too large or deep
 */
export function makeValType(shape: ValShape, budget: WorkBudget, offset: number): ValType {
  const children = childrenOf(shape)
  let nodes = 1 + (shape.kind === 'flags' || shape.kind === 'enum' ? shape.names.length : 0)
  let depth = 0
  let hasBorrow = shape.kind === 'borrow'
  let hasResource = shape.kind === 'own' || shape.kind === 'borrow'
  let hasPointer =
    shape.kind === 'string' ||
    shape.kind === 'map' ||
    (shape.kind === 'list' && shape.length === undefined)
  let needs: string | undefined = NEEDS[shape.kind]
  for (const { layout } of children) {
    nodes += layout.nodes
    depth = Math.max(depth, layout.depth)
    hasBorrow ||= layout.hasBorrow
    hasResource ||= layout.hasResource
    hasPointer ||= layout.hasPointer
    needs ??= layout.needs
  }
  const wide = extentOf(shape, 8, (type) => type.layout.wide)
  const layout = { ...extentOf(shape, 4, (type) => type.layout), wide, flat: flatOf(shape) }
  budget.spend(children.length + 1)
  if (wide.size >= MAX_VALUE_BYTES)
    throw invalid(offset, 'a value of this type exceeds the maximum byte size')
  if (nodes > budget.limits.maxTypeNodes)
    throw overLimit('maxTypeNodes', budget.limits.maxTypeNodes)
  if (depth >= budget.limits.maxTypeDepth)
    throw overLimit('maxTypeDepth', budget.limits.maxTypeDepth)
  return {
    ...shape,
    layout: { ...layout, nodes, depth: depth + 1, hasBorrow, hasResource, hasPointer, needs },
  }
}
