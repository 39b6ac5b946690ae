/** One piece of work in a comparison; may return a promise. */
export type Work = () => unknown

/**
 * Median microseconds of one run of each, taken in turns so that all see the same weather. An absent one stays absent.
 *
 * The heap is collected before each turn where Node was started with `--expose-gc`: nobody pays for what the one before left. V8 throws code away then, too, so a
 * turn begins with some runs that are not measured.
 */
export async function inTurns(
  rounds: number,
  times: number,
  works: readonly (Work | undefined)[],
): Promise<(number | undefined)[]> {
  const samples = works.map((): number[] => [])
  for (let round = -1; round < rounds; round++) {
    for (const [index, work] of works.entries()) {
      if (work === undefined) continue
      globalThis.gc?.()
      await repeat(work, Math.floor(times / 5))
      const started = performance.now()
      await repeat(work, times)
      // The first round is for the compilers.
      if (round >= 0) samples[index]?.push(((performance.now() - started) * 1000) / times)
    }
  }
  return samples.map((all) => (all.length === 0 ? undefined : median(all)))
}

async function repeat(work: Work, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const answer = work()
    // Waiting for what is no promise would charge a turn of the event loop to whoever answers at once.
    if (answer instanceof Promise) await answer
  }
}

/** The middle of `values`. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** One line of the one table: what was measured, against what, and how many times the other it takes. */
export interface Row {
  readonly what: string
  /** With its unit, microseconds where nothing else is said. */
  readonly ours: number | string
  /** The peer, the bare engine, or a goal in words. */
  readonly against: string
  readonly theirs: number | string
  /** Ours divided by theirs: below 1 is ahead. */
  readonly ratio: number | '–'
  /** What the design asks for, and whether it was missed. */
  readonly goal: string
}

/** What ours is compared with. */
export interface Other {
  readonly against: string
  /** Microseconds; a peer that cannot do this has none. */
  readonly micros: number | undefined
  readonly goal?: string
}

/** Lines of the table for one thing measured: one for each peer that can do it. */
export function rowsOf(what: string, micros: number, others: readonly Other[]): Row[] {
  return others.flatMap(({ against, micros: theirs, goal = '' }) =>
    theirs === undefined
      ? []
      : [
          {
            what,
            ours: roundOff(micros),
            against,
            theirs: roundOff(theirs),
            ratio: roundOff(micros / theirs),
            goal: judged(goal, roundOff(micros / theirs)),
          },
        ],
  )
}

/** The goal, and that it was missed where it is a bound on the ratio. */
function judged(goal: string, ratio: number): string {
  const [, relation, bound] = /^(≤|<) ([\d.]+)$/.exec(goal) ?? []
  if (bound === undefined) return goal
  const isReached = relation === '<' ? ratio < Number(bound) : ratio <= Number(bound)
  return isReached ? goal : `${goal}, not reached`
}

/** A line for what is compared with nothing, or with a goal alone. */
export function plainRow(what: string, ours: number | string, goal = ''): Row {
  return {
    what,
    ours: typeof ours === 'number' ? roundOff(ours) : ours,
    against: '–',
    theirs: '–',
    ratio: '–',
    goal,
  }
}

/** Prints rows as every benchmark does: a table, or one object with `--json`. */
export function printRows(rows: readonly Row[]): void {
  if (process.argv.includes('--json'))
    console.log(
      JSON.stringify({ passed: rows.length, failed: 0, unsupported: 0, skipped: 0, rows }),
    )
  else printTable(rows)
}

const COLUMNS = ['what', 'ours', 'against', 'theirs', 'ratio', 'goal'] as const

/** Prints rows in columns, numbers to the right; what is said twice in a row is said once. */
export function printTable(rows: readonly Row[]): void {
  const cells = rows.map((row, index) =>
    COLUMNS.map((column) =>
      (column === 'what' || column === 'ours') &&
      index > 0 &&
      rows[index - 1]?.what === row.what &&
      rows[index - 1]?.[column] === row[column]
        ? ''
        : String(row[column]),
    ),
  )
  const widths = COLUMNS.map((column, at) =>
    Math.max(column.length, ...cells.map((row) => (row[at] as string).length)),
  )
  const isNumber = (text: string): boolean => /^[\d.–]+$/.test(text)
  for (const row of [[...COLUMNS], ...cells]) {
    const line = row.map((text, at) => {
      const width = widths[at] as number
      return isNumber(text) ? text.padStart(width) : text.padEnd(width)
    })
    console.log(line.join('  ').trimEnd())
  }
}

/** Whether only to prove that the benchmark runs. */
export const quick: boolean = process.argv.includes('--quick')

/** To three digits, and to whole numbers from a hundred on. */
export function roundOff(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
