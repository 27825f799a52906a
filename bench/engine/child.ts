// A process for one round: what it measures of the heap and of time is not disturbed by the round before. Prints JSON.
import { measureBareSort } from './bare-sort.ts'
import { measureDurable } from './durable.ts'
import { makeFleet, type Shape } from './fleets.ts'
import { measureInMemory } from './in-memory.ts'

const [what, shape, nodeRoles] = process.argv.slice(2)
const fleet = makeFleet(shape as Shape, Number(nodeRoles))
const measured =
  what === 'durable'
    ? await measureDurable(fleet)
    : what === 'sort'
      ? measureBareSort(fleet)
      : measureInMemory(fleet)
console.log(JSON.stringify({ size: fleet.size, ...measured }))
