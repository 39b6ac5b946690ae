/** The connection that the host signs a request in with. */
export interface ShownCredential {
  /** As the manifest names it. */
  readonly name: string
  /** Another secret under the same name is another connection, and another question. */
  readonly connection: string
  /** `person:…` for a personal one, `shared` for one of the workspace. */
  readonly owner: string
}

/** One exact effect that a person is asked about: what is shown is what is digested is what is done. */
export type ExactEffect =
  | {
      readonly kind: 'http'
      readonly method: string
      /** Whole, query included. */
      readonly url: string
      readonly headers: readonly { readonly name: string; readonly value: string }[]
      /** The bytes that are sent after a yes; nobody else holds this array. */
      readonly body: Uint8Array | undefined
      readonly credential: ShownCredential | undefined
    }
  | {
      readonly kind: 'storage' | 'data' | 'vault' | 'event'
      /** What it is done to, such as `key a/b` or `tasks/tsk_…`. */
      readonly target: string
      /** What is stored or announced, if anything is. */
      readonly content: Uint8Array | undefined
    }
