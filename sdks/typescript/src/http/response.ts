import type { HostResponse } from 'morphee:extension/http@0.9.0'
import { TextDecoder } from '../globals/text-decoder.ts'
import { Headers } from './headers.ts'

/** An answer of a server; 4xx and 5xx are answers too. Its body is whole, and may be read more than once. */
export class Response {
  readonly status: number
  readonly headers: Headers
  /** Where the answer came from, after redirects. */
  readonly url: string
  readonly #body: Uint8Array

  /** For the answers of the host; an extension has nothing to answer with one. */
  constructor(response: HostResponse) {
    this.status = response.status
    this.url = response.url
    this.#body = response.body
    this.headers = new Headers()
    for (const { name, value } of response.headers) this.headers.append(name, value)
  }

  /** Whether the status is 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  async bytes(): Promise<Uint8Array> {
    return this.#body.slice()
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(this.#body).buffer
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(this.#body)
  }

  /** The body as JSON. @throws SyntaxError when it is none */
  async json<Value = unknown>(): Promise<Value> {
    return JSON.parse(await this.text()) as Value
  }
}
