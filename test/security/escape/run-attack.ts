// One attack at one level: run, judged, and the world around it looked at afterwards.
import { homedir, tmpdir } from 'node:os'
import { resolve } from 'node:path'
import type { Attack, Outcome } from './attack.ts'
import { type Level, type OpenLevel, type Result, unsupportedAt } from './levels.ts'

/** One line of the report. */
export interface Row {
  readonly attack: string
  readonly level: Level
  readonly verdict: 'held' | 'ESCAPED' | 'OPEN' | 'not here'
  /** What stopped it; or what it did; or why it cannot run here. */
  readonly how: string
  /** Where it ran smaller than it could be. */
  readonly size?: string
}

/** No attack needs longer, on a busy machine either. */
const PATIENCE_MS = 60_000

export async function runAttack(attack: Attack, level: Level, at: OpenLevel): Promise<Row> {
  const row = (verdict: Row['verdict'], how: string): Row => ({
    attack: attack.name,
    level,
    verdict,
    how,
    ...(attack.size === undefined ? {} : { size: attack.size }),
  })
  const missing = unsupportedAt(attack, level)
  if (missing !== undefined) return row('not here', missing)
  const open = attack.openAt?.[level]
  if (open !== undefined) return row('OPEN', open)
  const strays: unknown[] = []
  const onStray = (error: unknown): void => void strays.push(error)
  process.on('unhandledRejection', onStray)
  const before = builtins()
  try {
    const result = await withinPatience(at.attack(attack))
    await withinPatience(at.checkBystanders())
    const wrong =
      leakIn(result) ??
      mismatch(result, mustOf(attack, level), level) ??
      (builtins() === before ? undefined : 'a built-in object was changed') ??
      (strays.length === 0 ? undefined : `a rejection that nobody handles: ${String(strays[0])}`)
    return wrong === undefined ? row('held', describe(result)) : row('ESCAPED', wrong)
  } catch (error) {
    return row('ESCAPED', `no coded error: ${String(error)}`)
  } finally {
    process.off('unhandledRejection', onStray)
  }
}

async function withinPatience<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('it did not end')), PATIENCE_MS)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

function mustOf({ must, mustInHost, mustAt }: Attack, level: Level): Outcome {
  return mustAt?.[level] ?? (level === 'engine' ? must : (mustInHost ?? must))
}

function mismatch(result: Result, must: Outcome, level: Level): string | undefined {
  const fits = Object.entries(must).every(([key, value]) =>
    key === 'saying'
      ? level !== 'engine' || result.message?.includes(value as string) === true
      : result[key as 'kind'] === value,
  )
  return fits ? undefined : `${describe(result)}, not ${describe(must)}: ${result.message ?? ''}`
}

function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'returned':
      return 'no effect'
    case 'trapped':
      return `trap: ${outcome.reason}`
    case 'refused':
      return outcome.because === undefined ? outcome.code : `${outcome.code} (${outcome.because})`
    case 'stopped':
      return outcome.limit === undefined ? outcome.code : `${outcome.code} (${outcome.limit})`
  }
}

/** In whatever a host function knows that no guest and no caller may see. */
export const CANARY = 'canary-7f3a19'

// Places of this machine say where a host lives; the canary is what a host function knew and a guest must not.
const SECRETS = [
  CANARY,
  resolve(import.meta.dirname, '../../..'),
  homedir(),
  tmpdir(),
  'node:internal',
]

const MAX_TEXT = 20_000

function leakIn({ message = '', details }: Result): string | undefined {
  const text = message + (JSON.stringify(details) ?? '')
  if (text.length > MAX_TEXT) return `its error has ${text.length} characters`
  if (/[\u202a-\u202e\u2066-\u2069]/u.test(text)) return 'its error turns text around'
  const found = SECRETS.find((secret) => secret.length > 1 && text.includes(secret))
  return found === undefined ? undefined : `its error tells ${found}`
}

const WATCHED: readonly object[] = [
  Object,
  Function,
  Array,
  String,
  Number,
  Promise,
  Map,
  Uint8Array,
  Error,
].flatMap((constructor) => [constructor, constructor.prototype as object])

/** The names of everything on built-in objects, to see whether a guest's names got there. */
function builtins(): string {
  return [globalThis, ...WATCHED]
    .map((object) => Reflect.ownKeys(object).map(String).join())
    .join('\n')
}
