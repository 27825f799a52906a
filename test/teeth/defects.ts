// All defects, in the order of the table.
import type { Defect } from './defect.ts'
import { OF_ACCESS } from './defects/of-access.ts'
import { OF_CHANGES } from './defects/of-changes.ts'
import { OF_DRIFT_AND_REMOVAL } from './defects/of-drift-and-removal.ts'
import { OF_EDGES } from './defects/of-edges.ts'
import { OF_OBSERVING } from './defects/of-observing.ts'
import { OF_JOURNAL } from './defects/of-journal.ts'
import { OF_ORDER } from './defects/of-order.ts'
import { OF_RUNNERS } from './defects/of-runners.ts'
import { OF_RUNS } from './defects/of-runs.ts'
import { OF_THE_API } from './defects/of-the-api.ts'
import { OF_THE_PAGE } from './defects/of-the-page.ts'
import { OF_SECRETS } from './defects/of-secrets.ts'
import { OF_SERVING } from './defects/of-serving.ts'
import { OF_VALUES } from './defects/of-values.ts'

export const DEFECTS: readonly Defect[] = [
  ...OF_ORDER,
  ...OF_RUNS,
  ...OF_VALUES,
  ...OF_CHANGES,
  ...OF_DRIFT_AND_REMOVAL,
  ...OF_JOURNAL,
  ...OF_SECRETS,
  ...OF_EDGES,
  ...OF_OBSERVING,
  ...OF_ACCESS,
  ...OF_THE_API,
  ...OF_THE_PAGE,
  ...OF_SERVING,
  ...OF_RUNNERS,
]
