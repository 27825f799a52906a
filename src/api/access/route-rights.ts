// Route rights: which right each route needs and where; what has no row here is open to nobody.
import type { Right } from '../../model/access.ts'

export interface RouteRight {
  /** `open`: to anybody. `signedIn`: to whoever is known. */
  right: Right | 'open' | 'signedIn'
  where: Where
  /** It changes nothing although it is a POST: done for looking, it does not go into the trail. */
  asksOnly?: true
}

/**
 * Where the right must be held. `anywhere`: in some deployment; nothing of the site is told. `cut`: in some deployment; of
 * the others nothing is shown, and nothing counted. `everywhere`: in the site. All else: in those deployments
 * that the request is about, as `needs.ts` finds them.
 */
export type Where =
  | 'anywhere'
  | 'cut'
  | 'everywhere'
  | 'path'
  | 'run'
  | 'nodeRole'
  | 'control'
  | 'targets'
  | 'proposal'
  | 'site'

const API = '/api/v1'

const OPEN: RouteRight = { right: 'open', where: 'anywhere' }
/** By runners elsewhere alone; what comes of it has events of its own. */
const WORK: RouteRight = { right: 'carryOut', where: 'everywhere', asksOnly: true }

export const ROUTE_RIGHTS: Readonly<Record<string, RouteRight>> = {
  'GET /healthz': OPEN,
  'GET /readyz': OPEN,
  'GET /version': OPEN,
  'GET /openapi.json': OPEN,
  'GET /metrics': { right: 'read', where: 'everywhere' },

  'GET /auth': OPEN,
  'GET /auth/link': OPEN,
  'GET /auth/login': OPEN,
  'GET /auth/callback': OPEN,
  'POST /auth/logout': { right: 'signedIn', where: 'anywhere' },
  [`GET ${API}/me`]: { right: 'signedIn', where: 'anywhere' },
  [`GET ${API}/tokens`]: { right: 'admin', where: 'everywhere' },
  [`POST ${API}/tokens`]: { right: 'admin', where: 'everywhere' },
  [`DELETE ${API}/tokens/{token}`]: { right: 'admin', where: 'everywhere' },
  [`GET ${API}/sessions`]: { right: 'admin', where: 'everywhere' },
  [`DELETE ${API}/sessions/{session}`]: { right: 'admin', where: 'everywhere' },
  [`POST ${API}/links`]: { right: 'admin', where: 'everywhere' },
  [`GET ${API}/audit`]: { right: 'admin', where: 'everywhere' },

  [`GET ${API}/status`]: { right: 'read', where: 'cut' },
  [`GET ${API}/node-roles`]: { right: 'read', where: 'cut' },
  [`GET ${API}/node-roles/{deployment}/{node}/{role}`]: { right: 'read', where: 'path' },
  [`GET ${API}/node-roles/{deployment}/{node}/{role}/files`]: { right: 'read', where: 'path' },
  [`POST ${API}/node-roles/{deployment}/{node}/{role}/files`]: { right: 'readSecrets', where: 'path' },
  [`GET ${API}/why`]: { right: 'read', where: 'nodeRole' },
  [`GET ${API}/board`]: { right: 'read', where: 'cut' },
  [`GET ${API}/events`]: { right: 'read', where: 'cut' },
  [`GET ${API}/nodes`]: { right: 'read', where: 'cut' },
  [`GET ${API}/nodes/{name}`]: { right: 'read', where: 'cut' },
  [`GET ${API}/nodes/{name}/facts`]: { right: 'read', where: 'cut' },
  [`GET ${API}/nodes/{name}/history`]: { right: 'read', where: 'everywhere' },
  [`GET ${API}/runs`]: { right: 'read', where: 'cut' },
  [`GET ${API}/runs/{run}`]: { right: 'read', where: 'run' },
  [`GET ${API}/runs/{run}/log`]: { right: 'read', where: 'run' },
  [`GET ${API}/cycles`]: { right: 'read', where: 'cut' },
  [`GET ${API}/cycles/{cycle}`]: { right: 'read', where: 'cut' },
  [`GET ${API}/cycles/{cycle}/runs`]: { right: 'read', where: 'everywhere' },
  [`GET ${API}/graph/roles`]: { right: 'read', where: 'cut' },
  [`GET ${API}/graph/node-roles`]: { right: 'read', where: 'everywhere' },
  [`GET ${API}/trace`]: { right: 'read', where: 'everywhere' },
  [`GET ${API}/revisions`]: { right: 'read', where: 'cut' },
  [`GET ${API}/revisions/{revision}`]: { right: 'read', where: 'everywhere' },
  [`GET ${API}/revisions/{revision}/diff`]: { right: 'read', where: 'everywhere' },
  [`GET ${API}/execs`]: { right: 'read', where: 'everywhere' },

  [`POST ${API}/diff`]: { right: 'propose', where: 'anywhere', asksOnly: true },
  [`POST ${API}/rehearsals`]: { right: 'propose', where: 'anywhere', asksOnly: true },
  // Scripts that come with the request look at nodes.
  [`POST ${API}/dry-runs`]: { right: 'commit', where: 'everywhere' },
  [`POST ${API}/content/missing`]: { right: 'propose', where: 'anywhere', asksOnly: true },
  [`PUT ${API}/content/{digest}`]: { right: 'propose', where: 'anywhere', asksOnly: true },
  [`POST ${API}/revisions`]: { right: 'propose', where: 'anywhere' },
  [`POST ${API}/revisions/{revision}/rollback`]: { right: 'propose', where: 'anywhere' },
  [`POST ${API}/revisions/{revision}/discard`]: { right: 'propose', where: 'proposal' },
  [`POST ${API}/revisions/{revision}/commit`]: { right: 'commit', where: 'proposal' },
  [`POST ${API}/ups/preview`]: { right: 'propose', where: 'anywhere', asksOnly: true },
  [`POST ${API}/ups/same`]: { right: 'commit', where: 'anywhere', asksOnly: true },
  [`POST ${API}/ups`]: { right: 'commit', where: 'site' },

  [`GET ${API}/runners`]: { right: 'read', where: 'everywhere' },
  [`POST ${API}/runners`]: { right: 'admin', where: 'everywhere' },
  [`POST ${API}/runners/{runner}/drain`]: { right: 'operate', where: 'everywhere' },
  [`POST ${API}/runners/{runner}/resume`]: { right: 'operate', where: 'everywhere' },
  [`DELETE ${API}/runners/{runner}`]: { right: 'admin', where: 'everywhere' },

  // By a one-time token, and by a signature.
  [`POST ${API}/work/enrolments`]: OPEN,
  [`POST ${API}/work/challenges`]: { ...OPEN, asksOnly: true },
  [`POST ${API}/work/leases`]: { ...OPEN, asksOnly: true },
  [`DELETE ${API}/work/leases`]: WORK,
  [`POST ${API}/work/claims`]: WORK,
  [`POST ${API}/work/beats`]: WORK,
  [`POST ${API}/work/reports`]: WORK,
  [`GET ${API}/work/content/{digest}`]: WORK,

  // Signed by who calls it, with the right of its own role.
  [`POST ${API}/hooks/{name}`]: OPEN,

  [`POST ${API}/controls`]: { right: 'operate', where: 'control' },
  [`POST ${API}/drift`]: { right: 'operate', where: 'targets' },
  [`POST ${API}/rinses/preview`]: { right: 'read', where: 'targets', asksOnly: true },
  [`POST ${API}/rinses`]: { right: 'destructive', where: 'targets' },
  [`POST ${API}/execs`]: { right: 'destructive', where: 'everywhere' },
  [`POST ${API}/nodes/{name}/forget`]: { right: 'destructive', where: 'everywhere' },
}
