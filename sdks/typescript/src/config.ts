import { get } from 'morphee:extension/config@0.9.0'
import { Failure } from './failure.ts'

/** The settings of this installation. */
export interface Config {
  /** One setting, or `undefined` when it is unset and has no default. */
  get<Value = unknown>(key: string): Value | undefined
  /** One setting that must be there. @throws {@link Failure} `invalid-input` when it is not */
  require<Value = unknown>(key: string): Value
}

/** What the person who installed the extension filled in, as checked against the manifest's `config`. */
export const config: Config = {
  get<Value>(key: string): Value | undefined {
    const text = get(key)
    return text === undefined || text === null ? undefined : (JSON.parse(text) as Value)
  },
  require<Value>(key: string): Value {
    const value = config.get<Value>(key)
    if (value === undefined)
      throw new Failure('invalid-input', `The setting "${key}" is not filled in`)
    return value
  },
}
