import { expect, test } from 'vitest'
import { decodeComponent } from '../src/binary/decode.ts'
import { shareMemory, shareTables } from '../src/core/cap.ts'
import { CoreReader } from '../src/core/core-reader.ts'
import { toLimits, WorkBudget } from '../src/limits.ts'
import { foresee } from '../src/plan/foresee.ts'
import { rehearse } from '../src/run/rehearse.ts'
import { validateComponent } from '../src/validate/component.ts'
import { parseWat } from './toolchain.ts'

const CORE = '(core module $m (memory 1 9) (table 2 funcref))'

/** What is guessed before validation, and what is found after it. */
async function guessAndTruth(wat: string) {
  const bytes = await parseWat(wat)
  const limits = toLimits({ maxMemoryBytes: 20 * 65_536, maxTableElements: 100 })
  const budget = new WorkBudget(limits, bytes.length)
  const ast = decodeComponent(bytes, budget)
  const guess = foresee(ast, new CoreReader(bytes, budget), limits)
  const { plan, modules } = validateComponent(bytes, ast, budget)
  const { memories, tables } = rehearse(plan, modules, limits)
  const truth = {
    cores: modules,
    share: {
      memoryPages: shareMemory(memories, limits.maxMemoryBytes),
      tableElements: shareTables(tables, limits.maxTableElements),
    },
  }
  return { guess, truth }
}

for (const [what, wat] of Object.entries({
  'no instance': `(component ${CORE})`,
  'one instance': `(component ${CORE} (core instance (instantiate $m)))`,
  'several instances of one module': `(component ${CORE} ${'(core instance (instantiate $m))'.repeat(4)})`,
  'instances of components': `(component ${CORE} (core instance (instantiate $m))
    (component $c ${CORE} (core instance (instantiate $m)) (component $d ${CORE} (core instance (instantiate $m)))
      (instance (instantiate $d)))
    (instance (instantiate $c)) (instance (instantiate $c)))`,
}))
  test(`foresee() guesses what the rehearsal finds: ${what}`, async () => {
    const { guess, truth } = await guessAndTruth(wat)
    expect(guess).toEqual(truth)
  })

for (const [what, wat] of Object.entries({
  'a module from outside': `(component $o ${CORE} (component $c
      (alias outer $o $m (core module $n)) (core instance (instantiate $n)))
    (instance (instantiate $c)))`,
  'a component from an instance': `(component
    (component $c (component $d ${CORE} (core instance (instantiate $m))) (export "d" (component $d)))
    (instance $i (instantiate $c)) (alias export $i "d" (component $e))
    (instance (instantiate $e)) (instance (instantiate $e)))`,
}))
  test(`foresee() guesses nothing where only a rehearsal can tell: ${what}`, async () => {
    const { guess } = await guessAndTruth(wat)
    expect(guess).toBeUndefined()
  })
