import { readSync, writeSync } from 'node:fs'

writeSync(3, Uint8Array.of(4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff))
readSync(3, new Uint8Array(1))
