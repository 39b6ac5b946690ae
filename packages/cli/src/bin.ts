#!/usr/bin/env node
// Everything else is loaded after this check: an old Node would stop at syntax it does not know, without a word of why.
const major = Number(process.versions.node.split('.')[0])
if (major < 26) {
  process.stderr.write(`morphee needs Node 26 or newer; this is ${process.versions.node}\n`)
  process.exitCode = 2
} else {
  const { runCli } = await import('./run-cli.ts')
  const { stdin, stdout, stderr, env } = process
  // `morphee … | head` closes the pipe early: the rest is not wanted, and that is no fault.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  process.exitCode = await runCli(process.argv.slice(2), {
    stdin,
    stdout,
    stderr,
    variables: env,
    cwd: process.cwd(),
  })
}
