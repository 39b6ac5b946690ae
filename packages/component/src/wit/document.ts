/** What a component imports and exports, as WIT would say it (Component Model, WIT.md): names instead of indices. */

/** A type where it is used. Shared: a type used twice may be one object. */
export type WitType =
  | { readonly kind: 'primitive' | 'named'; readonly name: string }
  | { readonly kind: 'borrow'; readonly name: string }
  | { readonly kind: 'list'; readonly element: WitType; readonly length: number | undefined }
  | { readonly kind: 'option'; readonly type: WitType }
  | { readonly kind: 'tuple'; readonly types: readonly WitType[] }
  | {
      readonly kind: 'result'
      readonly ok: WitType | undefined
      readonly error: WitType | undefined
    }
  | { readonly kind: 'map'; readonly key: WitType; readonly value: WitType }
  | { readonly kind: 'stream' | 'future'; readonly element: WitType | undefined }

export interface WitField {
  readonly name: string
  readonly type: WitType
}
export interface WitCase {
  readonly name: string
  readonly type: WitType | undefined
}

/** A function: of an interface or a world, or of a resource. */
export interface WitFunc {
  readonly kind: 'function' | 'constructor' | 'method' | 'static'
  /** Without the resource's; a constructor's is empty. */
  readonly name: string
  readonly isAsync: boolean
  /** Without the `self` of a method. */
  readonly params: readonly WitField[]
  readonly result: WitType | undefined
}

/** What a name in an interface or a world stands for. */
export type WitDefinition =
  | { readonly kind: 'use'; readonly from: WitInterface; readonly name: string }
  | { readonly kind: 'alias'; readonly type: WitType }
  | { readonly kind: 'record'; readonly fields: readonly WitField[] }
  | { readonly kind: 'variant'; readonly cases: readonly WitCase[] }
  | { readonly kind: 'enum' | 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'resource'; readonly members: readonly WitFunc[] }

/** Where names of types are looked up. */
export interface WitNames {
  readonly types: ReadonlyMap<string, WitDefinition>
}

/** Named types and functions that belong together. */
export interface WitScope extends WitNames {
  readonly funcs: readonly WitFunc[]
  /** Names of what WIT has no words for: instances in instances, modules, components. */
  readonly unspeakable: readonly string[]
}

/** An interface on one side of a component. The same interface may be on both, with different parts of it. */
export interface WitInterface extends WitScope {
  /** `ns:package/name@version`, or the plain name of an interface that only this world has. */
  readonly name: string
  readonly side: 'import' | 'export'
}

/** A component's world: its own types, and per side interfaces and functions in the order of the file. */
export interface WitWorld extends WitNames {
  readonly imports: WitSide
  readonly exports: WitSide
}
export interface WitSide {
  /** Functions and interfaces, in the order of the file. */
  readonly items: readonly (WitFunc | WitInterface)[]
  /** Names of the world's types that came with this side. */
  readonly types: readonly string[]
  readonly unspeakable: readonly string[]
}

export function isInterface(item: WitFunc | WitInterface): item is WitInterface {
  return 'side' in item
}

/** Whether an interface has a name that others can refer to. */
export function isPublic({ name }: WitInterface): boolean {
  return name.includes('/')
}
