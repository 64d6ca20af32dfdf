/** What the Node servers under measurement have in common. */
import { setTimeout as sleep } from 'node:timers/promises'

export const nodeArguments = ['--expose-gc', '--import', new URL('node-gc.mjs', import.meta.url).href]

/** Twice, since what was kept by young objects falls with them. */
export const collectWithSignal = async (pid: number): Promise<void> => {
  for (let times = 0; times < 2; times += 1) {
    process.kill(pid, 'SIGUSR2')
    await sleep(300)
  }
}
