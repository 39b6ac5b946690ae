// The URL Standard by core-js: 49 KB in the bundle, without the tables of Unicode's domain names, which the host checks anyway.
import CoreUrl from 'core-js-pure/actual/url/index.js'
import CoreUrlSearchParams from 'core-js-pure/actual/url-search-params/index.js'

/** `URL`, as in the URL Standard. */
export const HostUrl: typeof URL = CoreUrl

/** `URLSearchParams`, as in the URL Standard. */
export const HostUrlSearchParams: typeof URLSearchParams = CoreUrlSearchParams

export {
  HostUrl as 'globalThis.URL',
  HostUrl as URL,
  HostUrlSearchParams as 'globalThis.URLSearchParams',
  HostUrlSearchParams as URLSearchParams,
}
