/** Whether heavy attacks run in full: `npm run security -- --full`. */
export const IS_FULL: boolean = process.argv.includes('--full')
