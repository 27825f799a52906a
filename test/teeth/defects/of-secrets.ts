// Defects of secrets: what would stand in clear, what would be followed that should not be, what a rotation would lose.
import { type Defect, tests } from '../defect.ts'

const SEALED = 'test/contracts/journal-sealed.test.ts'
const ROTATED = 'test/contracts/secrets-rotate.test.ts'

export const OF_SECRETS: readonly Defect[] = [
  {
    name: 'The digest of a run with a secret stands in clear',
    file: 'src/secrets/sensitive-places.ts',
    find: "if (places.length > 0) places.push({ path: ['digest']",
    put: "if (places.length > 9) places.push({ path: ['digest']",
    caughtBy: [tests(SEALED, 'stand nowhere on the disk')],
  },
  {
    name: 'Hints are not looked at for secrets',
    file: 'src/secrets/sensitive-places.ts',
    find: "addAll(['nodes', node, 'hints'], hints)",
    put: "addAll(['nodes', node, 'hints'], {})",
    caughtBy: [tests(SEALED, 'stand nowhere on the disk')],
  },
  {
    name: 'A snapshot of a world with secrets is not sealed',
    file: 'src/secrets/sealed-journal.ts',
    find: 'const isPlain = !snapshot.secret && ring.isEmpty',
    put: 'const isPlain = !isSealedState(snapshot.state) && Boolean(ring)',
    caughtBy: [tests(SEALED, 'stand nowhere on the disk')],
  },
  {
    name: 'A seal opens at any place',
    file: 'src/secrets/sealed-events.ts',
    find: 'return `anneal 1 value ${id} ${of}`',
    put: 'return `anneal 1 value ${id} ${of.length > 0}`',
    caughtBy: [tests(SEALED, 'moved to another place')],
  },
  {
    name: 'What comes while a key is made overtakes what waits for it',
    file: 'src/secrets/sealed-journal.ts',
    find: 'return unlocking ? unlocking.then(write) : write()',
    put: 'return write()',
    caughtBy: [tests(SEALED, 'order stays that of the calls')],
  },
  {
    name: 'A key is made although values are sealed under another one',
    file: 'src/secrets/key-ring.ts',
    find: 'if (first !== undefined || !source.make)',
    put: 'if (!source.make)',
    caughtBy: [tests(SEALED, 'is missing: refused')],
  },
  {
    name: 'A key that others may read is used',
    file: 'src/secrets/key-file.ts',
    find: 'if ((stat.mode & 0o077) !== 0)',
    put: 'if ((stat.mode & 0o007) !== 0)',
    caughtBy: [tests(SEALED, 'is readable by others')],
  },
  {
    name: 'A rotation forgets the old key before it is done',
    file: 'src/secrets/rotate.ts',
    find: 'write([fresh, ...still])',
    put: 'write([fresh])',
    caughtBy: [tests(ROTATED, 'cut short at each write')],
  },
  {
    name: 'What another role says is followed as a reference',
    file: 'src/annealer/sensitive.ts',
    find: 'return sensitive && source === undefined && referenceIn(value) !== undefined',
    put: 'return sensitive && source !== null && referenceIn(value) !== undefined',
    caughtBy: [tests('src/annealer/sensitive.test.ts', 'never followed')],
  },
]
