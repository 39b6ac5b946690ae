// The build turns the names `Date` and `globalThis.Date` into the one on the host's clock, here too; this is the engine's own.
const { Date: EngineDate } = globalThis

/** The engine's `Date`, which traps when it is asked for the time. */
export const NativeDate: DateConstructor = EngineDate
