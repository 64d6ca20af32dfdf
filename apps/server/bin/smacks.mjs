#!/usr/bin/env -S node --max-semi-space-size=8
// Stanzas live for one round trip, and so does nearly all that is made for one. The young generation does not shrink once it has
// grown, to three times this at most; with 64 a message costs as much (25 to 28 us, as with 16), and an idle server takes 60 MB more.
import { existsSync, readFileSync } from 'node:fs'

if (existsSync(new URL('../dist/smacks.js', import.meta.url))) await import('../dist/smacks.js')
else {
  // A checkout that nobody has built can still say what there is.
  const isHelp = process.argv.length === 2 || ['-h', '--help'].includes(process.argv[2])
  const help = isHelp ? readFileSync(new URL('help.txt', import.meta.url), 'utf8') : ''
  process.stdout.write(help)
  console.error('smacks is not built here yet. To build it: npm run build')
  process.exitCode = isHelp ? 0 : 1
}
