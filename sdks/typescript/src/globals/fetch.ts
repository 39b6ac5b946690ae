import { fetch } from '../http/fetch.ts'
import { Headers } from '../http/headers.ts'
import { Response } from '../http/response.ts'

export {
  fetch,
  fetch as 'globalThis.fetch',
  Headers,
  Headers as 'globalThis.Headers',
  Response,
  Response as 'globalThis.Response',
}
