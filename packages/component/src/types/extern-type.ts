import type { CoreModuleType } from '../core/module-info.ts'
import type { Field, ResourceId, ResourceName, ValType } from './val-type.ts'

/** The type of a component function. */
export interface FuncType {
  readonly params: readonly Field[]
  readonly result: ValType | undefined
  /** Whether calls of it may block. */
  readonly isAsync: boolean
  readonly hasResource: boolean
}

/** The type of an instance. Ids in `bound` are made afresh wherever an instance of the type is introduced. */
export interface InstanceType {
  readonly exports: ReadonlyMap<string, ExternType>
  readonly bound: readonly ResourceId[]
  /** Items when written out in full: a shared inner type counts each time. */
  readonly nodes: number
}

/** The type of a component: a function from imports to exports, generic over `imported` and making `defined` afresh. */
export interface ComponentType {
  readonly imports: ReadonlyMap<string, ExternType>
  readonly exports: ReadonlyMap<string, ExternType>
  readonly imported: readonly ResourceId[]
  readonly defined: readonly ResourceId[]
  readonly nodes: number
}

/** What a type index can name. */
export type AnyType =
  | { readonly kind: 'value'; readonly type: ValType }
  | { readonly kind: 'func'; readonly type: FuncType }
  | { readonly kind: 'component'; readonly type: ComponentType }
  | { readonly kind: 'instance'; readonly type: InstanceType }
  | ResourceName

/** The type of an import or export. */
export type ExternType =
  | { readonly sort: 'core module'; readonly type: CoreModuleType }
  | { readonly sort: 'func'; readonly type: FuncType }
  | { readonly sort: 'component'; readonly type: ComponentType }
  | { readonly sort: 'instance'; readonly type: InstanceType }
  | { readonly sort: 'type'; readonly type: AnyType }

export function makeFuncType(
  params: readonly Field[],
  result: ValType | undefined,
  isAsync: boolean,
): FuncType {
  return {
    params,
    result,
    isAsync,
    hasResource:
      params.some((param) => param.type.layout.hasResource) || result?.layout.hasResource === true,
  }
}

/** Items of `externs` when written out in full. */
export function countNodes(externs: Iterable<ExternType>): number {
  let nodes = 0
  for (const extern of externs) nodes += nodesOf(extern)
  return nodes
}

/** What walking over `extern` costs. */
export function nodesOf(extern: ExternType): number {
  switch (extern.sort) {
    case 'instance':
    case 'component':
      return 1 + extern.type.nodes
    case 'type':
      return extern.type.kind === 'instance' || extern.type.kind === 'component'
        ? 1 + extern.type.type.nodes
        : 1
    case 'core module':
      return 1 + extern.type.imports.length + extern.type.exports.size
    case 'func':
      return 1 + extern.type.params.length
  }
}
