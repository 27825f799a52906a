// What the engine is told of who asks over HTTP: it answers once what was asked is durable, and is not waited for at rest.
import type { AnnealRequest } from '../model/operations.ts'
import type { Asked } from './route.ts'

export function annealRequest({ caller, signal }: Pick<Asked, 'caller' | 'signal'>): AnnealRequest {
  return { by: caller.name, onFeed: () => {}, signal, stay: false, written: true }
}
