/** Drives the slixmpp client of `slixmpp_peer.py`. */
import { execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('slixmpp_peer.py', import.meta.url))

/** A Python that has slixmpp; nothing where there is none. */
export const slixmppPython = (): string | undefined =>
  ['/usr/bin/python3', 'python3'].find(python => {
    try {
      execFileSync(python, ['-c', 'import slixmpp'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })

export interface SlixmppEvent {
  readonly event: 'dropped' | 'enabled' | 'failed' | 'message' | 'resumed' | 'started'
  readonly body?: string
  readonly jid?: string
}

export interface SlixmppPeer {
  /** All that was told so far. */
  readonly events: ReadonlyArray<SlixmppEvent>
  /** The bodies received so far, in order. */
  readonly bodies: () => ReadonlyArray<string>
  /** Resolves once `condition` holds; rejects with what was told if it does not within 15 s. */
  readonly until: (condition: (events: ReadonlyArray<SlixmppEvent>) => boolean, what: string) => Promise<void>
  readonly say: (to: string, body: string) => void
  /** Gives the line up, as an application does after a timeout. */
  readonly abandon: () => void
  readonly stop: () => Promise<void>
}

export const startSlixmpp = (options: {
  readonly python: string
  readonly jid: string
  readonly password: string
  readonly port: number
  /** A file with the certificate to trust. */
  readonly certificate: string
}): SlixmppPeer => {
  const child = spawn(options.python, [
    script,
    options.jid,
    options.password,
    String(options.port),
    options.certificate,
  ])
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const events: SlixmppEvent[] = []
  const complaints: string[] = []
  let wake = (): void => {}
  createInterface({ input: child.stdout }).on('line', line => {
    events.push(JSON.parse(line) as SlixmppEvent)
    wake()
  })
  child.stderr.on('data', (bytes: Buffer) => complaints.push(bytes.toString()))
  const command = (what: Readonly<Record<string, string>>): void => void child.stdin.write(`${JSON.stringify(what)}\n`)
  return {
    events,
    bodies: () => events.flatMap(({ event, body }) => (event === 'message' && body !== undefined ? [body] : [])),
    until: async (condition, what) => {
      const deadline = Date.now() + 15_000
      while (!condition(events)) {
        const left = deadline - Date.now()
        if (left <= 0)
          throw new Error(`slixmpp: no ${what} within 15 s; told: ${JSON.stringify(events)} ${complaints.join('')}`)
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, left)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
    },
    say: (to, body) => command({ do: 'say', to, body }),
    abandon: () => command({ do: 'abandon' }),
    stop: async () => {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await exited
      clearTimeout(timer)
    },
  }
}
