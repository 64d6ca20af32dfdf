/** Arguments and options of `smacks replay`. */
import type { Command } from 'commander'
import { replayHelp } from '../help.js'
import type { ReplayArguments } from '../replay/replay.js'
import type { Terminal } from '../terminal.js'

export const addReplay = (program: Command, terminal: Terminal, done: (code: number) => void): void => {
  program
    .command('replay')
    .description('make the steps of a recording again: what happened, and whether it comes to the same')
    .argument('<file...>', 'the recording; its files in order; -: standard input')
    .option('--from <time>', 'show steps from then on')
    .option('--until <time>', 'show steps up to then')
    .option('--account <jid>', 'show the steps of this account')
    .option('--session <resource>', 'show the steps of this resource')
    .option('--json', 'one JSON object a step')
    .option('--explain <stanza>', 'tell the story of one stanza instead: its id, or # and the number of an entry')
    .option('--stanzas', 'list every stanza and what became of it')
    .option('--diagram', 'draw a sequence diagram')
    .option('--html <file>', 'write a page for browsers with the recording in it')
    .option('--open', 'open that page in the browser')
    .addHelpText('after', replayHelp)
    .action(async (files: ReadonlyArray<string>, options: ReplayArguments) => {
      const { replayFiles } = await import('../replay/replay.js')
      done(await replayFiles(terminal, files, options))
    })
}
