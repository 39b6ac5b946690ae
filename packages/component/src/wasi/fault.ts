/** The guest broke a rule of WASI that ends it. */
export class WasiFault extends Error {
  override readonly name = 'WasiFault'
}

/** The guest called `exit`: it is ended, and this is the reason. */
export class WasiExit extends Error {
  override readonly name = 'WasiExit'
  /** 0 for success. */
  readonly status: number
  constructor(status: number) {
    super(`The guest exited with status ${status}`)
    this.status = status
  }
}
