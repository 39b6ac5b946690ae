/** One piece of work in a comparison; may return a promise. */
export type Work = () => unknown

/** Median microseconds of one run of each, taken in turns so that all see the same weather. An absent one stays absent. */
export async function inTurns(
  rounds: number,
  times: number,
  works: readonly (Work | undefined)[],
): Promise<(number | undefined)[]> {
  const samples = works.map((): number[] => [])
  for (let round = -1; round < rounds; round++) {
    for (const [index, work] of works.entries()) {
      if (work === undefined) continue
      const started = performance.now()
      for (let i = 0; i < times; i++) {
        const answer = work()
        // Waiting for what is no promise would charge a turn of the event loop to whoever answers at once.
        if (answer instanceof Promise) await answer
      }
      // The first round is for the compilers.
      if (round >= 0) samples[index]?.push(((performance.now() - started) * 1000) / times)
    }
  }
  return samples.map((all) => (all.length === 0 ? undefined : median(all)))
}

/** The middle of `values`. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** One line of the table: microseconds of each contestant, and how many times the first's time each other takes. */
export function rowOf(
  what: string,
  names: readonly string[],
  micros: readonly (number | undefined)[],
): Record<string, string | number> {
  const ours = micros[0] ?? Number.NaN
  const row: Record<string, string | number> = { what, [`${names[0]} µs`]: round(ours) }
  for (const [index, name] of names.entries()) {
    if (index === 0) continue
    const value = micros[index]
    row[`${name} µs`] = value === undefined ? '–' : round(value)
    row[`${name} ÷ ${names[0]}`] = value === undefined ? '–' : round(value / ours)
  }
  return row
}

/** Prints rows as every benchmark does: a table, or one object with `--json`. */
export function printRows(rows: readonly Record<string, unknown>[]): void {
  if (process.argv.includes('--json'))
    console.log(
      JSON.stringify({ passed: rows.length, failed: 0, unsupported: 0, skipped: 0, rows }),
    )
  else console.table(rows)
}

/** Whether only to prove that the benchmark runs. */
export const quick: boolean = process.argv.includes('--quick')

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
