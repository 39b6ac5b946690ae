import type { ExternType } from '../types/extern-type.ts'
import type { Scope } from './scope.ts'

export function checkAnnotatedName(scope: Scope, side: 'import' | 'export', name: string, extern: ExternType, offset: number): void {
  void scope
  void side
  void name
  void extern
  void offset
}
export function checkVisible(scope: Scope, side: 'import' | 'export', extern: ExternType, offset: number): void {
  void scope
  void side
  void extern
  void offset
}
export function markVisible(scope: Scope, side: 'import' | 'export', extern: ExternType): ExternType {
  void scope
  void side
  return extern
}
