export {
  UrlSearchParams as 'globalThis.URLSearchParams',
  UrlSearchParams as URLSearchParams,
} from '../url/url-search-params.ts'
