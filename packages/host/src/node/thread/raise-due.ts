import { IDLE, RAISED, type WatchdogPlaces } from './watchdog.ts'

/**
 * Takes every place whose deadline has passed by `now`, hands it to `raise`, and says whether any place was armed.
 *
 * A place that was disarmed, or armed again, in the very moment it is looked at is left alone: a flag is never raised for the
 * guest that comes after.
 */
export function raiseDue(
  { states, deadlines }: Pick<WatchdogPlaces, 'states' | 'deadlines'>,
  now: number,
  raise: (place: number) => void,
): boolean {
  let armed = false
  for (let place = 0; place < states.length; place++) {
    const state = Atomics.load(states, place)
    if (state === IDLE || state === RAISED) continue
    armed = true
    if ((deadlines[place] as number) > now) continue
    if (Atomics.compareExchange(states, place, state, RAISED) === state) raise(place)
  }
  return armed
}
