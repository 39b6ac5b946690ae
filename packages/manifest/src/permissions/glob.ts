// URLs and dotted names are both words over an endless alphabet, and a pattern is such a word with holes: `ANY_*` for one
// letter of a class, and a tail for "nothing more, or anything more of the tail's class". One algebra serves them all.

/** Letters carry their class as first character, so that a hole for a host label never takes a path segment. */
export interface Glob {
  readonly letters: readonly string[]
  /** Class of the letters that may follow, or `undefined` when none may. */
  readonly tail: string | undefined
}

/** One word, such as the URL of a request. */
export type Word = readonly string[]

/** The pattern letter for any one letter of `kind`. `*` alone is never the text of a literal letter. */
export function anyOf(kind: string): string {
  return `${kind}*`
}

/** Whether `letter` is a hole. */
export function isAny(letter: string): boolean {
  return letter.length === 2 && letter[1] === '*'
}

function takes(pattern: string, letter: string): boolean {
  return pattern === letter || (isAny(pattern) && letter[0] === pattern[0])
}

/** Whether `glob` allows `word`. */
export function globAllows(glob: Glob, word: Word): boolean {
  const { letters, tail } = glob
  if (tail === undefined ? word.length !== letters.length : word.length < letters.length)
    return false
  for (let i = 0; i < letters.length; i++) {
    if (!takes(letters[i] as string, word[i] as string)) return false
  }
  for (let i = letters.length; i < word.length; i++) if (word[i]?.[0] !== tail) return false
  return true
}

/** The words that both allow: always one glob, or none. */
export function intersectGlobs(a: Glob, b: Glob): Glob | undefined {
  const [short, long] = a.letters.length <= b.letters.length ? [a, b] : [b, a]
  const letters: string[] = []
  for (const [i, letter] of long.letters.entries()) {
    const other = short.letters[i]
    if (other === undefined) {
      if (short.tail === undefined || letter[0] !== short.tail) return undefined
      letters.push(letter)
    } else if (takes(letter, other)) letters.push(other)
    else if (takes(other, letter)) letters.push(letter)
    else return undefined
  }
  const tail = long.tail === short.tail ? long.tail : undefined
  return { letters, tail }
}

/** How many steps {@link globsCover} may take before it says no. Deciding coverage by a union is NP-hard in the number of holes. */
const COVER_STEPS = 50_000

/**
 * Whether every word that `smaller` allows is allowed by one of `larger`.
 *
 * Exact, until a set of patterns made to be hard uses up the steps; then the answer is no, which asks a person once too
 * often and never once too rarely.
 */
export function globsCover(larger: readonly Glob[], smaller: Glob): boolean {
  if (larger.some((glob) => coversAlone(glob, smaller))) return true
  const steps = { left: COVER_STEPS }
  return coverFrom(
    larger.filter((glob) => intersectGlobs(glob, smaller) !== undefined),
    smaller,
    0,
    steps,
  )
}

function coversAlone(larger: Glob, smaller: Glob): boolean {
  const meet = intersectGlobs(larger, smaller)
  return (
    meet !== undefined &&
    meet.tail === smaller.tail &&
    meet.letters.length === smaller.letters.length &&
    meet.letters.every((letter, i) => letter === smaller.letters[i])
  )
}

// Walks `smaller` letter by letter, with those of `larger` that still match what was walked. A hole is tried with every
// letter that some pattern names there, and with one that none does: all others behave like that one.
function coverFrom(
  larger: readonly Glob[],
  smaller: Glob,
  at: number,
  steps: { left: number },
): boolean {
  steps.left -= larger.length + 1
  if (larger.length === 0 || steps.left < 0) return false
  if (at < smaller.letters.length) {
    const letter = smaller.letters[at] as string
    return isAny(letter)
      ? everyLetter(larger, letter[0] as string, at, (rest) =>
          coverFrom(rest, smaller, at + 1, steps),
        )
      : coverFrom(step(larger, letter, at), smaller, at + 1, steps)
  }
  // `step` keeps a glob that ran out of letters only if its tail goes on, so being this short means it may end here.
  const endsHere = larger.some((glob) => glob.letters.length <= at)
  if (smaller.tail === undefined || !endsHere) return endsHere
  if (larger.some((glob) => glob.letters.length <= at && glob.tail === smaller.tail)) return true
  return everyLetter(larger, smaller.tail, at, (rest) => coverFrom(rest, smaller, at + 1, steps))
}

function everyLetter(
  larger: readonly Glob[],
  kind: string,
  at: number,
  covered: (rest: readonly Glob[]) => boolean,
): boolean {
  // A text that no pattern can hold: literal letters never contain a NUL.
  const tried = new Set([`${kind}\0`])
  for (const glob of larger) {
    const letter = glob.letters[at]
    if (letter !== undefined && !isAny(letter) && letter[0] === kind) tried.add(letter)
  }
  for (const letter of tried) if (!covered(step(larger, letter, at))) return false
  return true
}

function step(larger: readonly Glob[], letter: string, at: number): readonly Glob[] {
  return larger.filter((glob) => {
    const pattern = glob.letters[at]
    return pattern === undefined
      ? at >= glob.letters.length && glob.tail === letter[0]
      : takes(pattern, letter)
  })
}
