/** The definitions of a component as its bytes say them: indices unresolved, nothing checked. */

export type CoreSort =
  | 'func'
  | 'table'
  | 'memory'
  | 'global'
  | 'tag'
  | 'type'
  | 'module'
  | 'instance'
export type Sort = 'func' | 'value' | 'type' | 'component' | 'instance'
export type AnySort = Sort | `core ${CoreSort}`

export interface NamedItem extends ExternName {
  readonly sort: AnySort
  readonly index: number
}

/** A value type where it is used: an index, or a primitive. */
export type ValTypeRef = number | PrimitiveName
export type PrimitiveName =
  | 'bool'
  | 's8'
  | 'u8'
  | 's16'
  | 'u16'
  | 's32'
  | 'u32'
  | 's64'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'char'
  | 'string'
  | 'error-context'

export interface LabelledRef {
  readonly name: string
  readonly type: ValTypeRef
}

export type DefTypeAst =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'record'; readonly fields: readonly LabelledRef[] }
  | {
      readonly kind: 'variant'
      readonly cases: readonly { readonly name: string; readonly type: ValTypeRef | undefined }[]
    }
  | { readonly kind: 'list'; readonly element: ValTypeRef; readonly length: number | undefined }
  | { readonly kind: 'tuple'; readonly types: readonly ValTypeRef[] }
  | { readonly kind: 'flags' | 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly type: ValTypeRef }
  | {
      readonly kind: 'result'
      readonly ok: ValTypeRef | undefined
      readonly error: ValTypeRef | undefined
    }
  | { readonly kind: 'own' | 'borrow'; readonly resource: number }
  | { readonly kind: 'stream' | 'future'; readonly element: ValTypeRef | undefined }
  | { readonly kind: 'map'; readonly key: ValTypeRef; readonly value: ValTypeRef }

export type TypeAst =
  | DefTypeAst
  | {
      readonly kind: 'func'
      readonly isAsync: boolean
      readonly params: readonly LabelledRef[]
      readonly result: ValTypeRef | undefined
    }
  | { readonly kind: 'component' | 'instance'; readonly declarations: readonly Declaration[] }
  | { readonly kind: 'resource'; readonly destructor: number | undefined }

export type ExternTypeAst =
  | { readonly sort: 'core module' | 'func' | 'component' | 'instance'; readonly index: number }
  | { readonly sort: 'type'; readonly bound: { readonly eq: number } | 'resource' }

export interface CoreFuncTypeAst {
  readonly params: readonly string[]
  readonly results: readonly string[]
}
export type CoreExternAst =
  | { readonly kind: 'func'; readonly type: number }
  | { readonly kind: 'tag'; readonly type: number }
  | {
      readonly kind: 'table'
      readonly element: string
      readonly min: number
      readonly max: number | undefined
    }
  | {
      readonly kind: 'memory'
      readonly min: number
      readonly max: number | undefined
      readonly shared: boolean
    }
  | { readonly kind: 'global'; readonly type: string; readonly mutable: boolean }
export type CoreModuleDecl =
  | {
      readonly kind: 'import'
      readonly module: string
      readonly name: string
      readonly type: CoreExternAst
      readonly offset: number
    }
  | { readonly kind: 'type'; readonly types: readonly CoreFuncTypeAst[]; readonly offset: number }
  | {
      readonly kind: 'alias'
      readonly count: number
      readonly index: number
      readonly offset: number
    }
  | {
      readonly kind: 'export'
      readonly name: string
      readonly type: CoreExternAst
      readonly offset: number
    }
export type CoreTypeAst =
  | { readonly kind: 'func'; readonly type: CoreFuncTypeAst }
  | { readonly kind: 'module'; readonly declarations: readonly CoreModuleDecl[] }

export type AliasAst =
  | {
      readonly kind: 'export'
      readonly sort: Sort | 'core module'
      readonly instance: number
      readonly name: string
    }
  | {
      readonly kind: 'core-export'
      readonly sort: CoreSort
      readonly instance: number
      readonly name: string
    }
  | {
      readonly kind: 'outer'
      readonly sort: AnySort
      readonly count: number
      readonly index: number
    }

export type Declaration = { readonly offset: number } & (
  | { readonly kind: 'core-type'; readonly type: CoreTypeAst }
  | { readonly kind: 'type'; readonly type: TypeAst }
  | { readonly kind: 'alias'; readonly alias: AliasAst }
  | { readonly kind: 'import'; readonly name: ExternName; readonly type: ExternTypeAst }
  | { readonly kind: 'export'; readonly name: ExternName; readonly type: ExternTypeAst }
)

export interface ExternName {
  readonly name: string
  readonly implements: string | undefined
  /** What the version in the name, or in `implements`, left out to be canonical. */
  readonly versionSuffix: string | undefined
}

export type StringEncoding = 'utf8' | 'utf16' | 'latin1+utf16'
export interface CanonOptionsAst {
  readonly encoding: StringEncoding
  readonly memory: number | undefined
  readonly realloc: number | undefined
  readonly postReturn: number | undefined
  readonly isAsync: boolean
  readonly callback: number | undefined
  readonly isGc: boolean
  readonly coreType: number | undefined
}

/** Built-ins without immediates. */
export type PlainBuiltinName =
  | 'backpressure.inc'
  | 'backpressure.dec'
  | 'task.cancel'
  | 'subtask.drop'
  | 'error-context.drop'
  | 'waitable-set.new'
  | 'waitable-set.drop'
  | 'waitable.join'
  | 'thread.index'
  | 'thread.resume-later'
  | 'thread.suspend'
  | 'thread.yield'
  | 'thread.suspend-then-resume'
  | 'thread.yield-then-resume'
  | 'thread.suspend-then-promote'
  | 'thread.yield-then-promote'

/** A canonical built-in that only tasks and threads have a use for. */
export type BuiltinAst =
  | { readonly kind: PlainBuiltinName }
  | {
      readonly kind: 'task.return'
      readonly result: ValTypeRef | undefined
      readonly options: CanonOptionsAst
    }
  | { readonly kind: 'context.get' | 'context.set'; readonly type: string; readonly slot: number }
  | { readonly kind: 'subtask.cancel'; readonly isAsync: boolean }
  | {
      readonly kind: `${'stream' | 'future'}.${'new' | 'drop-readable' | 'drop-writable' | 'forward'}`
      readonly type: number
    }
  | {
      readonly kind: `${'stream' | 'future'}.${'read' | 'write'}`
      readonly type: number
      readonly options: CanonOptionsAst
    }
  | {
      readonly kind: `${'stream' | 'future'}.${'cancel-read' | 'cancel-write'}`
      readonly type: number
      readonly isAsync: boolean
    }
  | {
      readonly kind: 'error-context.new' | 'error-context.debug-message'
      readonly options: CanonOptionsAst
    }
  | { readonly kind: 'waitable-set.wait' | 'waitable-set.poll'; readonly memory: number }
  | { readonly kind: 'thread.new-indirect'; readonly type: number; readonly table: number }
  | { readonly kind: 'thread.spawn-ref'; readonly isShared: boolean; readonly type: number }
  | {
      readonly kind: 'thread.spawn-indirect'
      readonly isShared: boolean
      readonly type: number
      readonly table: number
    }
  | { readonly kind: 'thread.available-parallelism'; readonly isShared: boolean }

export type CanonAst =
  | {
      readonly kind: 'lift'
      readonly func: number
      readonly options: CanonOptionsAst
      readonly type: number
    }
  | { readonly kind: 'lower'; readonly func: number; readonly options: CanonOptionsAst }
  | { readonly kind: 'resource.new' | 'resource.drop' | 'resource.rep'; readonly resource: number }
  | { readonly kind: 'builtin'; readonly builtin: BuiltinAst }

export type Definition = { readonly offset: number } & (
  | { readonly kind: 'core-module'; readonly start: number; readonly end: number }
  | {
      readonly kind: 'core-instantiate'
      readonly module: number
      readonly args: readonly { readonly name: string; readonly instance: number }[]
    }
  | {
      readonly kind: 'core-exports'
      readonly exports: readonly {
        readonly name: string
        readonly sort: CoreSort
        readonly index: number
      }[]
    }
  | { readonly kind: 'core-type'; readonly type: CoreTypeAst }
  | { readonly kind: 'component'; readonly component: ComponentAst }
  | {
      readonly kind: 'instantiate'
      readonly component: number
      readonly args: readonly NamedItem[]
    }
  | { readonly kind: 'exports'; readonly exports: readonly NamedItem[] }
  | { readonly kind: 'alias'; readonly alias: AliasAst }
  | { readonly kind: 'type'; readonly type: TypeAst }
  | { readonly kind: 'canon'; readonly canon: CanonAst }
  | { readonly kind: 'import'; readonly name: ExternName; readonly type: ExternTypeAst }
  | {
      readonly kind: 'export'
      readonly name: ExternName
      readonly sort: AnySort
      readonly index: number
      readonly type: ExternTypeAst | undefined
    }
)

export interface ComponentAst {
  readonly offset: number
  readonly definitions: readonly Definition[]
}
