/**
 * A stream of what `chunks` yields, at the reader's pace; cancelling it ends the generator.
 *
 * When `signal` aborts, the generator is run to its end even if nobody reads, so that whatever it holds is let go.
 */
export function streamOf(
  chunks: AsyncGenerator<Uint8Array, void>,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  let finished = false
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const onAbort = (): void => {
          if (finished) return
          // The generator notices the signal on its next step and says why it ends.
          chunks.next().then(
            () => undefined,
            (error: unknown) => controller.error(error),
          )
        }
        signal.addEventListener('abort', onAbort, { once: true })
      },
      async pull(controller) {
        try {
          const next = await chunks.next()
          if (next.done !== true) return controller.enqueue(next.value)
          finished = true
          controller.close()
        } catch (error) {
          finished = true
          throw error
        }
      },
      async cancel() {
        finished = true
        await chunks.return()
      },
    },
    { highWaterMark: 0 },
  )
}
