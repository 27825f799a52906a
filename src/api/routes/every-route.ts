// Every route of the API but those of access, which brings its own.
import type { Route } from '../route.ts'
import { EVENTS_ROUTES } from './events.ts'
import { SERVER_ROUTES } from './server.ts'
import { STATUS_ROUTES } from './status.ts'

export const EVERY_ROUTE: readonly Route[] = [...STATUS_ROUTES, ...EVENTS_ROUTES, ...SERVER_ROUTES]
