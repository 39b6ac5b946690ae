export { Url as 'globalThis.URL', Url as URL } from '../url/url.ts'
