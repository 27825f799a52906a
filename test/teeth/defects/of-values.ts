// Defects of values: where they come from, which one wins, and when equal ones stop the wave.
import { type Defect, laws, scripts, tests } from '../defect.ts'

const SAME = 'const same = before !== undefined && saysSame(before.outputs, outputs, output)'

export const OF_VALUES: readonly Defect[] = [
  {
    name: 'An output that changed is taken for the one before',
    file: 'src/annealer/running.ts',
    find: SAME,
    put: 'const same = before !== undefined',
    caughtBy: [scripts('parent-same-output', 'change-while-running')],
  },
  {
    name: 'The wave does not stop where an output is as before',
    file: 'src/annealer/running.ts',
    find: SAME,
    put: 'const same = before !== undefined && before === nodeRole.success',
    caughtBy: [tests('test/laws/counts.test.ts', 'an output as before')],
  },
  {
    name: 'An override loses to the hint of its node',
    file: 'src/annealer/levels.ts',
    find: "  add('node hint', node, valueIn(target.nodes[node]?.hints, group.role.name, input))\n  const key = `${node}/${group.role.name}`\n  add('override', `${group.deployment}: ${key}`, valueIn(deployment?.overrides, key, input))",
    put: "  const key = `${node}/${group.role.name}`\n  add('override', `${group.deployment}: ${key}`, valueIn(deployment?.overrides, key, input))\n  add('node hint', node, valueIn(target.nodes[node]?.hints, group.role.name, input))",
    caughtBy: [scripts('precedence')],
  },
  {
    name: 'The farthest deployment above wins over the nearest',
    file: 'src/annealer/levels.ts',
    find: 'ancestorsOf(target, group.deployment).reverse()',
    put: 'ancestorsOf(target, group.deployment)',
    caughtBy: [scripts('precedence-nearest')],
  },
  {
    name: 'A hub counts one whose output is not known any more',
    file: 'src/annealer/hubs.ts',
    find: '  else hub.said.delete(member)',
    put: '',
    caughtBy: [scripts('wait-all', 'rinse', 'shrinking-group'), laws(1, 60)],
  },
  {
    name: 'A hub gives the map that it made before',
    file: 'src/annealer/hubs.ts',
    find: '  delete hub.map\n',
    put: '',
    caughtBy: [scripts('said-anew')],
  },
  {
    name: 'A hub gives the list that it made before',
    file: 'src/annealer/hubs.ts',
    find: '  delete hub.all\n',
    put: '',
    caughtBy: [scripts('said-anew')],
  },
  {
    name: '`wait: N` waits for one less',
    file: 'src/annealer/hubs.ts',
    find: "return wait === 'all' ? members : wait === 'known' ? 0 : wait",
    put: "return wait === 'all' ? members : wait === 'known' ? 0 : wait - 1",
    caughtBy: [scripts('wait-number')],
  },
  {
    name: '`wait: all` is content with what is known',
    file: 'src/annealer/hubs.ts',
    find: "return wait === 'all' ? members : wait === 'known' ? 0 : wait",
    put: "return wait === 'all' || wait === 'known' ? 0 : wait",
    caughtBy: [scripts('wait-all')],
  },
  {
    name: 'The digest leaves out what the role says',
    file: 'src/annealer/bind.ts',
    find: 'const parts = [nodeRole.group.role.digest]',
    put: 'const parts = [nodeRole.group.role.name]',
    caughtBy: [scripts('asked-in-vain', 'estimate')],
  },
  {
    name: 'Changed facts bind nothing anew',
    file: 'src/annealer/evolve.ts',
    find: '      disturbNode(world, node)\n      return touchNode(world, node, true)',
    put: '      disturbNode(world, node)\n      return touchNode(world, node, false)',
    caughtBy: [scripts('facts-changed')],
  },
  {
    name: 'An input is not held against its schema',
    file: 'src/annealer/bind.ts',
    find: 'if (complaint === undefined) return resolved',
    put: 'if (complaint !== null) return resolved',
    caughtBy: [scripts('facts-unknown', 'facts-changed', 'precedence', 'sensitive'), laws(1, 60)],
  },
  {
    name: 'What goes round in circles is never found',
    file: 'src/annealer/oscillation.ts',
    find: 'if ((ran[digest] ?? 0) <= RETURNS_MOST && runs < RUNS_MOST) return undefined',
    put: 'if (runs < 40) return undefined',
    caughtBy: [scripts('oscillates')],
  },
  {
    name: 'A message quotes a value that it read of a secret',
    file: 'src/annealer/bind.ts',
    find: "return isSecret(nodeRole, input) ? 'it reads a sensitive value, so its message is not shown' : message",
    put: 'return message',
    caughtBy: [scripts('sensitive-messages')],
  },
  {
    name: 'A gate shows the secret that it read',
    file: 'src/annealer/gate.ts',
    find: "if (isSecret) return 'it reads a sensitive value, which is not shown'",
    put: '',
    caughtBy: [scripts('sensitive-messages')],
  },
  {
    name: 'What a circle goes round with is shown although it is secret',
    file: 'src/annealer/oscillation.ts',
    find: "const values = input.spec.sensitive ? ['(sensitive)'] :",
    put: "const values = input.name === '' ? ['(sensitive)'] :",
    caughtBy: [scripts('sensitive-messages')],
  },
]
