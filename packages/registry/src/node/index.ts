export { createDirectoryCache } from './directory-cache.ts'
