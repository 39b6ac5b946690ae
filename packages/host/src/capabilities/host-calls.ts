/**
 * The door between a guest and the host: one function, bytes in and bytes out, the same at every isolation level.
 *
 * `name` is `interface#function` of the contract, such as `http#read`; `bytes` are the arguments in the component codec.
 * A refusal that the guest may handle comes back as an encoded `err`; a rejected promise ends the guest by a trap.
 */
export interface HostCalls {
  call(name: string, bytes: Uint8Array): Promise<Uint8Array>
}
