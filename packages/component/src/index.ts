export {
  type CompileOptions,
  Component,
  ComponentInstance,
  type InstantiateOptions,
  type ModuleCache,
} from './component.ts'
export {
  type AnyEngineError,
  ComponentError,
  EngineError,
  type EngineErrorDetails,
  type TrapReason,
} from './errors.ts'
export { DEFAULT_LIMITS, type EngineLimits } from './limits.ts'
export type { ComponentExports, ExportedFunction, ExportedValue } from './run/exports.ts'
export type { HostImports } from './run/host-imports.ts'
export { formatTrapFrame, type TrapFrame } from './abi/backtrace.ts'
export {
  type Interruption,
  InterruptionFlag,
  InterruptionFuel,
  raiseInterruption,
} from './run/interruption.ts'
export { MemoryPool } from './run/memory-pool.ts'
export type { InterruptionKind } from './core/check-code.ts'
export { canSuspend } from './run/suspension.ts'
export { resolveImportName } from './names/extern-name.ts'
export {
  type ExternDescription,
  type FuncDescription,
  type NamedExtern,
  type NamedType,
  sameFuncType,
  sameValueType,
  type ValueType,
} from './types/describe.ts'
export { type Codec, type CodecOptions, createCodec } from './codec/codec.ts'
export type { DeclarationOptions } from './wit/print-declarations.ts'
