/** `smacks reload`: a running server reads its configuration and its certificate again. */
import type { ServerConfig } from '../config/server-config.js'
import { askServer } from './ask-server.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { reloadVerb } from './serving/reload-verb.js'
import { say, type Terminal } from './terminal.js'

/** Says what changed and what waits; fails as `EX_CONFIG` if the server finds a fault in one of them. */
export const reload = async (terminal: Terminal, config: ServerConfig): Promise<void> => {
  const { changed, waiting, fault, fingerprint, certificateFault } = await askServer(config, reloadVerb, {})
  if (fault === undefined)
    say(
      terminal.out,
      changed.length === 0 ? 'No option has changed that can change now.' : `Changed: ${changed.join(', ')}.`,
    )
  if (waiting.length > 0)
    say(terminal.out, `Changed in the file, and in force from the next start on: ${waiting.join(', ')}.`)
  if (fingerprint !== undefined) say(terminal.out, `The certificate in use has the SHA-256 fingerprint ${fingerprint}.`)
  const faults = [
    ...(fault === undefined ? [] : [`No option is changed: ${fault}`]),
    ...(certificateFault === undefined ? [] : [`The certificate stays the old one: ${certificateFault}.`]),
  ]
  if (faults.length > 0) throw new CommandFailure(faults.join('\n'), exitCode.config)
}
