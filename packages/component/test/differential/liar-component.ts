import type { ValueType } from '@morphee/component'
import { ALLOCATOR, flatten, WitPrinter } from '../echo-component.ts'
import { makeComponent } from '../toolchain.ts'

/** Where a liar keeps what it was told to say. */
const AT = 1040
/** How many bytes of it there are. */
export const LIE_BYTES = 1024

/**
 * A component that says what it is told, whether that is a value of `type` or not: `tell` takes bytes, `say` returns what lies there.
 */
export function liarComponent(type: ValueType, encoding: string): Promise<Uint8Array> {
  const printer = new WitPrinter()
  const name = printer.print(type)
  const wit = `package t:t;
    interface e { ${printer.declarations.join('\n')} tell: func(bytes: list<u8>); say: func() -> ${name}; }
    world w { export e; }`
  const flat = flatten(type)
  const [only] = flat
  const say =
    flat.length > 1
      ? `(result i32) (i32.const ${AT})`
      : `(result ${only}) (${only}.load (i32.const ${AT}))`
  const wat = `(module ${ALLOCATOR}
    (func (export "t:t/e#tell") (param $at i32) (param $length i32)
      (memory.copy (i32.const ${AT}) (local.get $at) (local.get $length)))
    (func (export "t:t/e#say") ${say}))`
  return makeComponent(wat.replace('(i32.const 1024)', '(i32.const 4096)'), wit, encoding)
}
