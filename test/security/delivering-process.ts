// Delivers what is due on the home it is given, until somebody kills it. Not a test: events.test.ts runs it.
import { createDevelopmentHost } from '@morphee/host/node'

const host = await createDevelopmentHost({ home: process.argv[2] as string })
await host.events.deliver()
