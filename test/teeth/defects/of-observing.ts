// Defects of what leaves a server and of hooks that come in: counted twice, told twice, told to whom it is not for.
import { type Defect, tests } from '../defect.ts'

const metrics = tests('test/laws/metrics.test.ts')
const traces = tests('test/contracts/traces.test.ts')
const webhooks = tests('test/contracts/webhooks.test.ts')
const hooks = tests('test/contracts/hooks-in.test.ts')
const signature = tests('src/observe/webhook-signature.test.ts')

export const OF_OBSERVING: readonly Defect[] = [
  {
    name: 'What waited goes on being counted as waiting',
    file: 'src/observe/fleet-counts.ts',
    find: '(this.#waits.get(wait) ?? 0) - 1',
    put: '(this.#waits.get(wait) ?? 0)',
    caughtBy: [metrics],
  },
  {
    name: 'A lost node is counted as it was before',
    file: 'src/observe/metrics.ts',
    find: "      case 'nodeLost':\n",
    put: '',
    caughtBy: [metrics],
  },
  {
    name: 'A turn that was in the world when it was read is heard again',
    file: 'src/observe/follow.ts',
    find: 'if (turn.events.length > 0 && turn.head <= seen) return',
    put: '',
    caughtBy: [metrics],
  },
  {
    name: 'OpenMetrics renames counters for Prometheus, too',
    file: 'src/observe/meters.ts',
    find: 'open.registerMetric(openForm(metric))',
    put: 'open.registerMetric(metric as Metric)',
    caughtBy: [tests('src/observe/meters.test.ts')],
  },
  {
    name: 'Spans are sent again after a restart',
    file: 'src/observe/traces.ts',
    find: '        await keep(book)\n',
    put: '',
    caughtBy: [traces],
  },
  {
    name: 'A cycle that a restart cut is not told as cut',
    file: 'src/observe/trace-book.ts',
    find: '      book.cycle?.cutAt.push(at)\n',
    put: '',
    caughtBy: [traces],
  },
  {
    name: 'Links lead into the cycle of today',
    file: 'src/observe/trace-book.ts',
    find: 'findLast(([first]) => first <= number)',
    put: 'findLast(() => true)',
    caughtBy: [traces],
  },
  {
    name: 'Webhooks go where a receiver sends them on to',
    file: 'src/observe/webhook-sender.ts',
    find: "redirect: 'manual'",
    put: "redirect: 'follow'",
    caughtBy: [webhooks],
  },
  {
    name: 'What happened while no server ran is told to nobody',
    file: 'src/observe/webhooks.ts',
    find: 'of serving.events(known)',
    put: 'of serving.events(seq)',
    caughtBy: [webhooks],
  },
  {
    name: 'Another try has another id',
    file: 'src/observe/webhook-sender.ts',
    find: '[origin, message.key]',
    put: '[origin, message.key, now]',
    caughtBy: [webhooks],
  },
  {
    name: 'A step that waits is told again after a restart',
    file: 'src/observe/webhooks.ts',
    find: "for (const key of keys) if (typeof key === 'string') announced.add(key)",
    put: '',
    caughtBy: [webhooks],
  },
  {
    name: 'Any signature that is as long fits',
    file: 'src/observe/webhook-signature.ts',
    find: 'if (one.length === right.length && timingSafeEqual(one, right)) fits = true',
    put: 'if (one.length === right.length) fits = true',
    caughtBy: [signature],
  },
  {
    name: 'Messages of yesterday are taken',
    file: 'src/observe/webhook-signature.ts',
    find: "if (Math.abs(Number(timestamp) * 1000 - nowMs) > TOLERANCE_MS) return 'timestamp'",
    put: '',
    caughtBy: [signature],
  },
  {
    name: 'An id that was taken is forgotten before its time gives it away',
    file: 'src/observe/hooks-in.ts',
    find: 'now + 2 * TOLERANCE_MS',
    put: 'now + TOLERANCE_MS',
    caughtBy: [hooks],
  },
  {
    name: 'Ids that were taken are forgotten with the process',
    file: 'src/observe/hooks-in.ts',
    find: "if (typeof until === 'number') seen.set(key, until)",
    put: 'void until',
    caughtBy: [hooks],
  },
  {
    name: 'A hook does what its role may not',
    file: 'src/observe/hooks-in.ts',
    find: '.every((right) => rights.includes(right))',
    put: '.every((right) => rights.length > 0 || right)',
    caughtBy: [hooks],
  },
]
