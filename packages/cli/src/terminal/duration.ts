import { UsageError } from '../refusal.ts'

const UNITS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const MAX_MS = 366 * 86_400_000

/** Milliseconds in `30m`, `8h` or `30d`, at most a year. @throws UsageError */
export function parseDuration(text: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const ms = Number(amount) * (UNITS[unit] ?? 0)
  if (ms > 0 && ms <= MAX_MS) return ms
  throw new UsageError(`"${text}" is no duration; write 30m, 8h or 30d, at most 366d`)
}
