/** What may happen next in a world. */
import { type Client, jidOf } from './client.js'
import type { Saying, World } from './world.js'

export interface Move {
  readonly name: string
  readonly act: (world: World) => void
}

/** All that is possible now, always in the same order. */
export const movesOf = (world: World): ReadonlyArray<Move> => [
  ...world.clients.flatMap((client, index) => movesOfClient(world, client, index)),
  ...(world.clients.some(({ connection, smId }) => connection === undefined && smId !== undefined)
    ? [{ name: 'sessions time out', act: (one: World) => one.wait() }]
    : []),
  { name: 'the server is killed and begins anew', act: one => one.restart() },
]

const movesOfClient = (world: World, client: Client, index: number): ReadonlyArray<Move> => {
  const move = (name: string, act: (world: World, client: Client) => void): Move => ({
    name: `${jidOf(client)} ${name}`,
    act: one => {
      const same = one.clients[index]
      if (same !== undefined) act(one, same)
    },
  })
  const comes = move(client.connection === undefined ? 'comes' : 'is replaced', (one, same) => one.come(same))
  if (client.connection === undefined)
    return client.smId === undefined
      ? [comes]
      : [
          comes,
          move('resumes', (one, same) => {
            one.resume(same)
            one.sayAgain(same)
          }),
        ]
  return [
    comes,
    move('loses its line', (one, same) => one.lose(same)),
    move('leaves', (one, same) => one.leave(same)),
    ...world.scene.sayings(client).map(({ name, text }: Saying) => move(name, (one, same) => one.say(same, text))),
  ]
}
