/** What the numbers of a limit count. */
export type LimitUnit = 'bytes' | 'ms' | 'count'

/** One limit of an invocation, an installation or a minute. */
export interface LimitSpec {
  /** Its name in `extension.yaml`. */
  readonly name: string
  readonly unit: LimitUnit
  /** Applies when the manifest does not ask. */
  readonly default: number
  /** The most that may be had where the policy says nothing. */
  readonly ceiling: number
}

const KiB = 1024
const MiB = 1024 * KiB

/** The key of a limit. */
export type LimitKey =
  | 'memoryBytes'
  | 'cpuMs'
  | 'wallMs'
  | 'httpRequestsPerMinute'
  | 'bandwidthBytesPerMinute'
  | 'fileBytes'
  | 'storageBytes'
  | 'responseBytes'
  | 'logLines'
  | 'logLineBytes'
  | 'outputBytes'
  | 'concurrentInvocations'
  | 'handles'
  | 'hostCalls'

/** Every limit there is, with its default and ceiling. */
export const LIMITS: Readonly<Record<LimitKey, LimitSpec>> = {
  memoryBytes: { name: 'memory', unit: 'bytes', default: 128 * MiB, ceiling: 256 * MiB },
  cpuMs: { name: 'cpu-time', unit: 'ms', default: 30_000, ceiling: 60_000 },
  wallMs: { name: 'wall-time', unit: 'ms', default: 60_000, ceiling: 300_000 },
  httpRequestsPerMinute: {
    name: 'http-requests-per-minute',
    unit: 'count',
    default: 100,
    ceiling: 500,
  },
  bandwidthBytesPerMinute: {
    name: 'bandwidth-per-minute',
    unit: 'bytes',
    default: 100 * MiB,
    ceiling: 1024 * MiB,
  },
  fileBytes: { name: 'file-size', unit: 'bytes', default: 10 * MiB, ceiling: 100 * MiB },
  storageBytes: { name: 'storage', unit: 'bytes', default: 100 * MiB, ceiling: 1024 * MiB },
  responseBytes: { name: 'response-size', unit: 'bytes', default: 10 * MiB, ceiling: 100 * MiB },
  logLines: { name: 'log-lines', unit: 'count', default: 1000, ceiling: 10_000 },
  logLineBytes: { name: 'log-line-size', unit: 'bytes', default: 4 * KiB, ceiling: 64 * KiB },
  outputBytes: { name: 'output-size', unit: 'bytes', default: MiB, ceiling: 16 * MiB },
  concurrentInvocations: { name: 'concurrent-invocations', unit: 'count', default: 4, ceiling: 64 },
  handles: { name: 'handles', unit: 'count', default: 1000, ceiling: 10_000 },
  hostCalls: { name: 'host-calls', unit: 'count', default: 10_000, ceiling: 100_000 },
}

/** The limits a manifest asks for, in bytes, milliseconds and counts. */
export type ManifestLimits = { readonly [Key in LimitKey]?: number }

/** Every limit with a value, in bytes, milliseconds and counts. */
export type Limits = { readonly [Key in LimitKey]: number }

/** The keys of {@link LIMITS}, in order. */
export const LIMIT_KEYS: readonly LimitKey[] = Object.keys(LIMITS) as LimitKey[]

/** What applies: per limit what the manifest asks for or else the default, never above `ceilings` or, where those are silent, the built-in ceiling. */
export function effectiveLimits(asked: ManifestLimits, ceilings: ManifestLimits = {}): Limits {
  const limits: Partial<Record<LimitKey, number>> = {}
  for (const key of LIMIT_KEYS) {
    limits[key] = Math.min(asked[key] ?? LIMITS[key].default, ceilings[key] ?? LIMITS[key].ceiling)
  }
  return limits as Limits
}

const FACTORS: Readonly<Record<LimitUnit, Readonly<Record<string, number>>>> = {
  bytes: { B: 1, KiB, MiB, GiB: 1024 * MiB },
  ms: { ms: 1, s: 1000, min: 60_000 },
  count: { '': 1 },
}

/** Reads a limit as people write it, `64 MiB`, `30 s` or `1,000`; or says why it is none. */
export function readLimit(value: unknown, unit: LimitUnit): number | { readonly fault: string } {
  const example = { bytes: '64 MiB', ms: '30 s', count: '1,000' }[unit]
  if (typeof value === 'number') {
    if (unit !== 'count') return { fault: `needs a unit, such as ${example}` }
    return checked(value)
  }
  const match =
    typeof value === 'string' ? /^(\d{1,3}(?:,\d{3})+|\d+)(?: ?([A-Za-z]+))?$/.exec(value) : null
  if (match === null) return { fault: `must be written like ${example}` }
  const units = FACTORS[unit]
  const name = match[2] ?? ''
  if (!Object.hasOwn(units, name)) {
    return {
      fault:
        name === ''
          ? `needs a unit, such as ${example}`
          : `unknown unit "${name.slice(0, 20)}"; known: ${Object.keys(units).filter(Boolean).join(', ') || 'none'}`,
    }
  }
  return checked(Number((match[1] as string).replaceAll(',', '')) * (units[name] as number))
}

/** `value` as {@link readLimit} reads it, in the largest unit that divides it. */
export function formatLimit(value: number, unit: LimitUnit): string {
  if (unit === 'count') return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
  const [name, factor] = Object.entries(FACTORS[unit]).findLast(
    ([, size]) => value % size === 0,
  ) as [string, number]
  return `${value / factor} ${name}`
}

function checked(value: number): number | { readonly fault: string } {
  return Number.isSafeInteger(value) && value > 0
    ? value
    : { fault: 'must be a whole number above zero' }
}
