// A heart that is served: its turns as those who watch a server are told them, its journal as they read it.
import type { Turn } from '../../src/annealer/turn.ts'
import { viewNodeRole } from '../../src/annealer/view.ts'
import type { ChangedNodeRole, ServedTurn, Serving } from '../../src/engine/serving.ts'
import { tellTurn } from '../../src/engine/tell-turn.ts'
import type { Command } from '../../src/model/command.ts'
import type { Feed } from '../../src/model/operations.ts'
import { type Heart, tell } from './heart.ts'

export interface ServedHeart {
  heart: Heart
  serving: Pick<Serving, 'ask' | 'head' | 'events' | 'watch'>
  tell(...commands: Command[]): ServedTurn
}

export function servedHeart(heart: Heart): ServedHeart {
  const listeners = new Set<(turn: ServedTurn) => void>()
  return {
    heart,
    serving: {
      ask: async (question) => question(heart.world),
      head: () => heart.recorded.length,
      async *events(after) {
        for (let from = after; from < heart.recorded.length; from += BATCH)
          yield heart.recorded.slice(from, from + BATCH)
      },
      watch(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    tell(...commands) {
      const served = servedTurn(heart, tell(heart, ...commands))
      for (const listener of listeners) listener(served)
      return served
    },
  }
}

/** Small, so that what follows a journal meets the seams between batches. */
const BATCH = 7

function servedTurn({ world, recorded }: Heart, made: Turn): ServedTurn {
  const feed: Feed[] = []
  tellTurn(world, made, (one) => feed.push(one))
  const changed = [...made.changed].map(([nodeRole, before]): ChangedNodeRole => {
    const isThere = world.nodeRoles.get(nodeRole.id) === nodeRole
    return {
      id: nodeRole.id,
      ...(before === undefined ? {} : { before }),
      ...(isThere ? { after: viewNodeRole(world, nodeRole) } : {}),
    }
  })
  const head = recorded.length
  return { first: head - made.events.length + 1, head, at: world.now, events: made.events, changed, feed }
}
