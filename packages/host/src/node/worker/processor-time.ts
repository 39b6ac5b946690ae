const LOOK_MS = 500
/** What a look itself costs the thread that is looked at, with some room. */
const LOOK_COST_MS = 0.5

/** Processor time of one thread so far, in microseconds. */
type ReadProcessorTime = () => Promise<{ readonly user: number; readonly system: number }>

/**
 * Tells of the processor time that a thread spends while it should sleep, in milliseconds, every half second and once more at
 * the end, which is when what is returned is called.
 *
 * A sleeping thread answers each look. One that does not is computing, and is told of as if it did all the time.
 */
export function watchProcessorTime(
  read: ReadProcessorTime,
  onSpent: (ms: number) => void,
): () => void {
  let before: number | undefined
  let unanswered = false
  let guessed = 0
  const look = async (): Promise<void> => {
    if (unanswered) {
      guessed += LOOK_MS
      onSpent(LOOK_MS)
      return
    }
    unanswered = true
    const { user, system } = await read()
    unanswered = false
    const now = (user + system) / 1000
    const spent = before === undefined ? 0 : now - before - guessed - LOOK_COST_MS
    before = now
    guessed = 0
    if (spent > 0) onSpent(spent)
  }
  // Rejected when the thread has ended, of which its cell is told.
  const lookOnce = (): void => void look().catch(() => {})
  lookOnce()
  const timer = setInterval(lookOnce, LOOK_MS)
  return () => {
    clearInterval(timer)
    if (!unanswered) lookOnce()
  }
}
