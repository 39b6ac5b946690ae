// The engine against bare V8, jco and Extism: the same guest, measured in turns in one process.
import {
  openBare,
  openCores,
  openEngine,
  openExtism,
  openJco,
  type Engine,
} from './engines/engines.ts'
import {
  buildComponent,
  buildCore,
  buildPlugin,
  type Guest,
  type Item,
  type Note,
} from './engines/guest.ts'
import { inTurns, printRows, quick, type Row, rowsOf, type Work } from './measure.ts'

// A mebibyte of text in UTF-8 takes up to three, so the guest that echoes has sixteen; the one that is made often has one page.
const engines = await openEngines(256)
const small = await openEngines(1)
const names = engines.map(({ name }) => name)
const rounds = quick ? 3 : 21
const rows: Row[] = []

const length: Note = (text) => text.length
const later: Note = (text) => Promise.resolve(text.length)
const guests = await Promise.all(engines.map((engine) => engine.instantiate(length)))
const suspending = await Promise.all(engines.map((engine) => engine.instantiateSuspending?.(later)))

await compare('compile', 20, (index) => small[index]?.compile)
await compare('instantiate', 50, (index) => {
  const engine = small[index] as Engine
  return async () => {
    const guest = await engine.instantiate(length)
    await engine.dispose?.(guest)
  }
})
const cores = await openCores(await buildComponent(1))
await compare(
  'instantiate; bare: the same three cores',
  50,
  (index) =>
    index === 0 ? () => (small[0] as Engine).instantiate(length) : index === 1 ? cores : undefined,
  '≤ 2',
)
for (const [what, text, times] of [
  ['echo 7 B', 'x'.repeat(7), 20_000],
  ['echo 1 KB', 'x'.repeat(1024), 10_000],
  ['echo 30 KB', 'x'.repeat(30_000), 500],
  ['echo 1 MiB', 'x'.repeat(1 << 20), 20],
  ['echo 1 KB, not ASCII', 'ä日𝄞x'.repeat(100), 5000],
] as const)
  await call(what, times, (guest) => guest.echo(text))

const item: Item = { id: 7, name: 'write the table', done: true, score: 0.5 }
const items = Array.from({ length: 100 }, (_, id) => ({ ...item, id, name: `entry ${id}` }))
await call('echo a record', 10_000, (guest) => guest.echoItem(item), '≤ 3')
await call('echo a list of 100 records', 300, (guest) => guest.echoList(items), '≤ 3')
await call('host call, 7 B', 10_000, (guest) => guest.ask('1234567'))
await compare(
  'suspended host call',
  3000,
  (index) => {
    const guest = suspending[index]
    return guest === undefined ? undefined : () => guest.ask('1234567')
  },
  '≤ 2',
)

for (const [index, engine] of engines.entries()) await engine.dispose?.(guests[index] as Guest)
for (const engine of [...engines, ...small]) await engine.close?.()
printRows(rows)

async function openEngines(pages: number): Promise<readonly Engine[]> {
  const component = await buildComponent(pages)
  const plugin = await buildPlugin(pages)
  return [
    await openEngine(component),
    await openBare(await buildCore(pages)),
    await openJco(component),
    await openExtism('extism 1.0.3', plugin, 1),
    await openExtism('extism 2.0.0-rc13', plugin, 2),
  ]
}

async function call(
  what: string,
  times: number,
  work: (guest: Guest) => unknown,
  goal = '≤ 2',
): Promise<void> {
  // Nobody is measured on an answer that is not the one asked for.
  const answers = await Promise.all(guests.map(async (guest) => JSON.stringify(await work(guest))))
  for (const [index, answer] of answers.entries())
    if (index < 3 && answer !== answers[0])
      throw new Error(`${what}: ${names[index]} answers ${answer?.slice(0, 200)}`)
  await compare(what, times, (index) => () => work(guests[index] as Guest), goal)
}

async function compare(
  what: string,
  times: number,
  work: (index: number) => Work | undefined,
  goal?: string,
): Promise<void> {
  const count = quick ? Math.ceil(times / 50) : times
  const micros = await inTurns(
    rounds,
    count,
    engines.map((_, index) => work(index)),
  )
  const others = names.map((against, index) => ({
    against,
    micros: micros[index],
    ...(against === 'bare' && goal !== undefined ? { goal } : {}),
  }))
  rows.push(...rowsOf(what, micros[0] ?? Number.NaN, others.slice(1)))
}
