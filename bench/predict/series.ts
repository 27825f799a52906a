// The series of changes that are foreseen and then carried out: of several kinds, each often enough to be learnt from.
import { type BenchSite, ETCD, numbered, type Wanted, WEBSITE } from './sites.ts'

export interface Change {
  site: BenchSite
  kind: string
  /** What must have happened before for it to be known; its kind where nothing is said. */
  like: string
  wanted: Wanted
}

type Step = [kind: string, set: (before: Wanted) => Partial<Wanted>, like?: string]

export function series(): Change[] {
  return [...told(ETCD, ETCD_STEPS), ...told(WEBSITE, WEB_STEPS)]
}

function told(site: BenchSite, steps: readonly Step[]): Change[] {
  let wanted = site.begin
  return steps.map(([kind, set, like = kind]) => {
    wanted = { ...wanted, ...set(wanted) }
    return { site, kind, like, wanted }
  })
}

function value(role: string, key: string, ...each: (number | string)[]): Step[] {
  const label = `a setting of ${role}`
  return each.map((one) => [
    label,
    ({ values }) => ({ values: { ...values, [role]: { ...values[role], [key]: one } } }),
    `${label}: ${key}`,
  ])
}

function users(...each: string[][]): Step[] {
  return each.map((names) => ['a user on all hosts', () => ({ users: names })])
}

/** Who comes or goes by ones and by twos is not the same. */
function members(prefix: string, how: string, ...counts: number[]): Step[] {
  return counts.map((count) => [
    how,
    ({ members: before }) => ({
      members: [...before.filter((name) => !name.startsWith(prefix)), ...numbered(prefix, count)],
    }),
  ])
}

function service(isThere: boolean): Step {
  return [isThere ? 'set up again' : 'taken away', () => ({ service: isThere })]
}

function everywhere(...roles: string[]): Step {
  return [
    roles.length > 0 ? 'a role comes to all hosts' : 'a role goes from all hosts',
    () => ({ everywhere: roles }),
  ]
}

const nothing: Step = ['first installation', () => ({})]
const heartbeats = (...each: number[]): Step[] => value('etcd', 'heartbeat_interval_ms', ...each)
const snapshots = (...each: number[]): Step[] => value('etcd', 'snapshot_count', ...each)

const ETCD_STEPS: readonly Step[] = [
  nothing,
  ...heartbeats(110, 120, 130),
  ...users(['ada'], [], ['bob']),
  ...members('etcd', 'a member comes', 4, 5),
  ...heartbeats(150),
  ...snapshots(20_000, 30_000),
  ...members('etcd', 'a member goes', 4, 3),
  ...members('etcd', 'a member comes', 4),
  ...members('etcd', 'a member goes', 3),
  ...heartbeats(170),
  service(false),
  service(true),
  ...heartbeats(100),
  service(false),
  service(true),
  ...heartbeats(110),
  ...members('etcd', 'a member comes', 4),
  ...members('etcd', 'a member goes', 3),
]

const pages = (...each: string[]): Step[] => value('page', 'text', ...each)
const ports = (...each: number[]): Step[] => value('page', 'port', ...each)
const balancers = (...each: number[]): Step[] => value('balancer', 'most_connections', ...each)

const WEB_STEPS: readonly Step[] = [
  nothing,
  ...pages('one', 'two', 'three'),
  ...ports(8081, 8082),
  ...balancers(2_000, 3_000),
  ...users(['ada'], [], ['bob']),
  everywhere('notice'),
  everywhere(),
  everywhere('notice'),
  everywhere(),
  ...members('web', 'a member comes', 5, 6),
  ...pages('four'),
  ...members('web', 'a member goes', 5, 4),
  ...members('web', 'a member comes', 5, 6),
  service(false),
  service(true),
  ...balancers(4_000),
  service(false),
  service(true),
]
