// Checks between roles: what they name in each other is there, their expressions hold, nothing requires itself.
import type { InputSource, InputSpec, OutputSpec } from '../model/role.ts'
import { celType, expressionFaults, roleScope, type Scope } from './check-expression.ts'
import { checkFact, checkFactsRead } from './check-facts.ts'
import { checkReference } from './check-references.ts'
import { checkValues } from './check-values.ts'
import { circles } from './circles.ts'
import { parseExpression } from './expression.ts'
import { warn, wrongInside, wrongKey, wrongValue } from './findings.ts'
import type { Everything } from './everything.ts'
import { rolesNamed, unknownName, unknownRole } from './names.ts'
import type { LoadedRole } from './read-role.ts'

export async function checkRoles(everything: Everything): Promise<void> {
  for (const loaded of everything.roles.values()) {
    await checkNeighbours(everything, loaded)
    await checkSources(everything, loaded)
    checkExpressions(everything, loaded)
    checkSecrets(everything, loaded)
    checkDefaults(everything, loaded)
    checkInputCircles(everything, loaded)
  }
  checkRequireCircles(everything)
  for (const one of everything.packages)
    await checkValues(everything, one.document, ['defaults'], one.defaults, true)
}

/** `requires` must lead somewhere; `after` and `conflicts` may name what a site does not have, but hardly a near miss. */
async function checkNeighbours(everything: Everything, { role, document }: LoadedRole): Promise<void> {
  const { findings, roles, brokenRoles, shippedPackages } = everything
  for (const [index, required] of role.requires.entries()) {
    if (rolesNamed(roles, required.role).length > 0 || brokenRoles.has(required.role)) continue
    const path = ['requires', String(index)]
    const place = document.locate([...path, 'role'], 'value')
    const whole = document.locate(path, 'value')
    const short = place.start === whole.start
    const complaint = await unknownRole(required.role, roles, shippedPackages)
    wrongValue(findings, document, short ? path : [...path, 'role'], complaint)
  }
  for (const word of ['after', 'conflicts'] as const) {
    for (const [index, name] of role[word].entries()) {
      if (rolesNamed(roles, name).length > 0 || brokenRoles.has(name)) continue
      const complaint = await unknownRole(name, roles, shippedPackages)
      if (complaint.advice?.startsWith('did you mean') === true)
        warn(findings, document, [word, String(index)], complaint)
    }
  }
  const own = role.conflicts.findIndex((name) => name === role.name || role.provides.includes(name))
  if (own >= 0) {
    wrongValue(findings, document, ['conflicts', String(own)], {
      code: 'conflict',
      message: `${role.name} conflicts with itself`,
    })
  }
}

async function checkSources(everything: Everything, { role, document }: LoadedRole): Promise<void> {
  const { findings, roles, brokenRoles, shippedPackages } = everything
  for (const [input, { source }] of Object.entries(role.inputs)) {
    if (source?.kind !== 'output') continue
    const path = ['inputs', input, 'from']
    const sources = rolesNamed(roles, source.role)
    if (sources.length === 0) {
      if (brokenRoles.has(source.role)) continue
      wrongValue(findings, document, path, await unknownRole(source.role, roles, shippedPackages))
      continue
    }
    for (const { role: other } of sources) {
      if (other.outputs[source.output]?.measured) {
        wrongValue(findings, document, path, {
          code: 'measured',
          message: `${source.output} of ${other.name} is measured: it would make this role run after each of its runs`,
          advice: 'read it in the gate of a rollout, or let it be measured no more',
        })
      }
      if (Object.hasOwn(other.outputs, source.output)) continue
      const complaint = unknownName('output', source.output, Object.keys(other.outputs))
      const start = source.role.length + 1
      wrongInside(
        findings,
        document,
        path,
        { start, end: start + source.output.length },
        {
          ...complaint,
          message: `${other.name} has no output ${source.output}`,
        },
      )
    }
  }
}

function checkExpressions(everything: Everything, loaded: LoadedRole): void {
  const { role } = loaded
  const scope = roleScope(role, false)
  const selectScope = roleScope(role, true)
  for (const [input, spec] of Object.entries(role.inputs)) {
    const { source } = spec
    if (source?.kind === 'fact')
      checkFact(everything.findings, loaded.document, ['inputs', input, 'fact'], source.path)
    if (source?.kind === 'value') check(['inputs', input, 'value'], source.expression, scope, spec)
    if (source?.kind === 'output' && source.select !== undefined) {
      check(['inputs', input, 'select'], source.select, selectScope, spec)
    }
  }
  for (const [output, spec] of Object.entries(role.outputs)) {
    if (spec.value !== undefined) check(['outputs', output, 'value'], spec.value, scope, spec)
  }

  function check(path: string[], expression: string, known: Scope, spec: InputSpec | OutputSpec): void {
    for (const { start, end, ...complaint } of expressionFaults(expression, known, celType(spec.schema))) {
      wrongInside(everything.findings, loaded.document, path, { start, end }, complaint)
    }
    checkFactsRead(everything.findings, loaded.document, path, expression)
  }
}

/** A secret that goes on under a name which is not secret would stand in logs and in the journal. */
function checkSecrets({ findings, roles }: Everything, { role, document }: LoadedRole): void {
  const specs = [
    ...Object.entries(role.inputs).map(([name, spec]) => ['inputs', name, spec, spec.source] as const),
    ...Object.entries(role.outputs).map(
      ([name, spec]) => ['outputs', name, spec, valueSource(spec)] as const,
    ),
  ]
  for (const [kind, name, spec, source] of specs) {
    if (spec.sensitive || source === undefined) continue
    const secret = secretBehind(roles, role.inputs, source)
    if (secret === undefined) continue
    warn(findings, document, [kind, name], {
      code: 'secretGoesOn',
      message: `${name} is made of ${secret}, which is sensitive, and is not sensitive itself`,
      advice: 'say sensitive: true here too, unless what is taken is no secret',
    })
  }
}

function checkDefaults({ findings }: Everything, { role, document }: LoadedRole): void {
  for (const [name, { default: value }] of Object.entries(role.inputs)) {
    const reference = value === undefined ? undefined : checkReference(role, name, value, { shipped: true })
    if (reference && reference !== 'sound')
      wrongValue(findings, document, ['inputs', name, 'default'], reference)
  }
}

function valueSource(spec: OutputSpec): InputSource | undefined {
  return spec.value === undefined ? undefined : { kind: 'value', expression: spec.value }
}

function secretBehind(
  roles: Everything['roles'],
  inputs: Record<string, InputSpec>,
  source: InputSource,
): string | undefined {
  if (source.kind === 'output') {
    const from = rolesNamed(roles, source.role).find(
      ({ role }) => role.outputs[source.output]?.sensitive === true,
    )
    return from === undefined ? undefined : `${from.role.name}.${source.output}`
  }
  if (source.kind !== 'value') return undefined
  return inputsRead(source.expression).find((input) => inputs[input]?.sensitive === true)
}

function inputsRead(expression: string): string[] {
  const parsed = parseExpression(expression)
  if (!parsed.ok) return []
  return parsed.reads.flatMap(({ path: [variable, input] }) =>
    variable === 'inputs' && input !== undefined ? [input] : [],
  )
}

/** Inputs made of inputs of the same role that are made of them in turn never have a value. */
function checkInputCircles({ findings }: Everything, { role, document }: LoadedRole): void {
  const edges = new Map(
    Object.entries(role.inputs).map(([name, { source }]) => [
      name,
      source?.kind === 'value'
        ? inputsRead(source.expression).filter((input) => Object.hasOwn(role.inputs, input))
        : [],
    ]),
  )
  for (const circle of circles(edges)) {
    wrongValue(findings, document, ['inputs', circle[0] as string, 'value'], {
      code: 'circle',
      message: `the input waits for itself: ${[...circle, circle[0]].join(' -> ')}`,
    })
  }
}

/** On one node, or across a deployment, what requires itself never becomes active. */
function checkRequireCircles({ findings, roles }: Everything): void {
  const edges = new Map(
    [...roles].map(([name, { role }]) => [
      name,
      role.requires.flatMap((required) => {
        const named = rolesNamed(roles, required.role)
        return named.length === 1 && named[0] !== undefined ? [named[0].role.name] : []
      }),
    ]),
  )
  for (const circle of circles(edges)) {
    const { role, document } = roles.get(circle[0] as string) as LoadedRole
    const next = circle[1] ?? circle[0]
    const index = role.requires.findIndex(({ role: name }) => rolesNamed(roles, name)[0]?.role.name === next)
    wrongKey(findings, document, ['requires', String(Math.max(0, index))], {
      code: 'circle',
      message: `the role requires itself: ${[...circle, circle[0]].join(' -> ')}`,
      advice: 'outputs and inputs may go in circles (from:), requires may not',
    })
  }
}
