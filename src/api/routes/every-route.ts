// Every route of the API but those of access, which brings its own.
import type { Route } from '../route.ts'
import { CONTENT_ROUTES } from './content.ts'
import { CONTROL_ROUTES } from './control.ts'
import { CYCLES_ROUTES } from './cycles.ts'
import { EVENTS_ROUTES } from './events.ts'
import { SERVER_ROUTES } from './server.ts'
import { GRAPH_ROUTES } from './graph.ts'
import { NODES_ROUTES } from './nodes.ts'
import { RUNS_ROUTES } from './runs.ts'
import { RUNNERS_ROUTES } from './runners.ts'
import { FILES_ROUTES } from './files.ts'
import { STATUS_ROUTES } from './status.ts'
import { TIMELINE_ROUTES } from './timeline.ts'
import { TRYING_ROUTES } from './trying.ts'
import { UPS_ROUTES } from './ups.ts'
import { WORK_ROUTES } from './work.ts'

export const EVERY_ROUTE: readonly Route[] = [
  ...STATUS_ROUTES,
  ...FILES_ROUTES,
  ...EVENTS_ROUTES,
  ...NODES_ROUTES,
  ...RUNS_ROUTES,
  ...TIMELINE_ROUTES,
  ...TRYING_ROUTES,
  ...UPS_ROUTES,
  ...CONTENT_ROUTES,
  ...CYCLES_ROUTES,
  ...GRAPH_ROUTES,
  ...CONTROL_ROUTES,
  ...RUNNERS_ROUTES,
  ...WORK_ROUTES,
  ...SERVER_ROUTES,
]
