export type { CliEnvironment } from './context.ts'
export { runCli, type RunCliOptions } from './run-cli.ts'
