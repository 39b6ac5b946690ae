// Whoever compiles these sources, as our own tests do, needs the types of the host too.
/// <reference path="./host.d.ts" />
import { emit as emitText } from 'morphee:extension/events@0.9.0'
import { callHost } from './failure.ts'

/** Announces that something happened. Needs `event:emit` for the topic; the host says who announced it and when. */
export async function emit(topic: string, payload: unknown = null): Promise<void> {
  const text = JSON.stringify(payload)
  if (text === undefined) throw new TypeError('This payload is no JSON')
  callHost(() => emitText(topic, text))
}
