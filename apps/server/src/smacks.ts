/** The entry of the command `smacks`. */
import { runCommand } from './command/program.js'
import { processTerminal } from './command/terminal.js'

// What this process makes is for its user only, whoever makes it: databases, logs, recordings, sockets.
process.umask(0o077)

// `smacks user list | head`: whoever read has read enough.
process.stdout.on('error', error => process.exit('code' in error && error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runCommand(process.argv.slice(2), {
  terminal: processTerminal,
  signals: process,
  loadParts: async () => (await import('./command/serve-parts.js')).serveParts(processTerminal),
})

// A demo that was interrupted may still hold its connections; nothing else does.
setTimeout(() => process.exit(), 1_000).unref()
