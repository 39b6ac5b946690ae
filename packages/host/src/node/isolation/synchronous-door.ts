import type { GuestDoor } from './guest-runner.ts'
import type { FromGuest, ToGuest } from './protocol.ts'

type Work = Exclude<ToGuest, { readonly kind: 'answer' }>

/** The door of a cell that has a thread to itself: whoever asks waits on the spot. */
export interface SynchronousDoor {
  readonly door: GuestDoor
  /** Waits for the next work. */
  next(): Work
}

/** Makes the door from the two ends of a channel; `receive` blocks the thread until there is a message. */
export function createSynchronousDoor(
  send: (message: FromGuest) => void,
  receive: () => ToGuest,
): SynchronousDoor {
  return {
    door: {
      suspends: false,
      send,
      answer(lease, ask) {
        for (;;) {
          const message = receive()
          // An answer to an earlier lease, or to nothing that was asked, is nobody's.
          if (message.kind === 'answer' && message.lease === lease && message.ask === ask)
            return message
        }
      },
    },
    next() {
      for (;;) {
        const message = receive()
        if (message.kind !== 'answer') return message
      }
    },
  }
}
