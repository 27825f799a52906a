// Checks a site that came over the network for what the heart takes as given: names lead somewhere, nothing reads itself.
import { parseWindow } from '../base/calendar.ts'
import { isObject } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import type { Language } from '../model/language.ts'
import type { RequestFault } from '../model/refusal.ts'
import type { InputSpec, Role } from '../model/role.ts'
import type { Choice, NodeSelection, Site, Values } from '../model/site.ts'
import { referenceFault, type ReferenceRules } from './check-references.ts'

/** What `loadSite` holds files to and more than their shape; the faults name the place in the body. */
export function siteFaults(
  site: Site,
  language: Language,
  /** Whether whoever sent it may have a reference to a secret followed that is not committed yet. */
  mayRefer: ReferenceRules['mayRefer'] = () => true,
): RequestFault[] {
  const rules = { language, mayRefer }
  const faults: RequestFault[] = []
  const fault = (place: string, message: string, known?: Iterable<string>, word = ''): void => {
    const meant = known && nearest(word, known)
    faults.push({
      in: 'body',
      place: `site.${place}`,
      message,
      ...(meant === undefined ? {} : { nearest: meant }),
    })
  }
  const roles = Object.keys(site.roles)
  const answering = (name: string): Role[] =>
    Object.values(site.roles).filter((role) => role.name === name || role.provides.includes(name))

  for (const [name, role] of Object.entries(site.roles)) checkRole(name, role)
  for (const [name, deployment] of Object.entries(site.deployments)) {
    const at = `deployments.${name}`
    if (deployment.parent !== undefined && !Object.hasOwn(site.deployments, deployment.parent))
      fault(
        `${at}.parent`,
        `there is no deployment ${deployment.parent}`,
        Object.keys(site.deployments),
        deployment.parent,
      )
    checkSelection(`${at}.nodes`, deployment.nodes)
    checkChoice(`${at}.choice`, deployment.choice)
    const placed = new Set<string>()
    for (const [index, placement] of deployment.placements.entries()) {
      const place = `${at}.placements.${index}`
      if (!Object.hasOwn(site.roles, placement.role))
        fault(`${place}.role`, `there is no role ${placement.role}`, roles, placement.role)
      else checkInputs(`${place}.values`, placement.role, placement.values)
      if (placed.has(placement.role)) fault(`${place}.role`, `${placement.role} is placed twice here`)
      placed.add(placement.role)
      checkZones(`${place}.windows`, placement.windows)
      if (placement.nodes) checkSelection(`${place}.nodes`, placement.nodes)
      checkChoice(`${place}.choice`, placement.choice)
      const { gate, variants = [] } = placement.rollout ?? {}
      checkExpressions(`${place}.rollout`, gate === undefined ? variants : [gate, ...variants])
    }
    checkZones(`${at}.windows`, deployment.windows)
    checkValues(`${at}.values`, deployment.values)
    for (const [index, group] of deployment.groups.entries()) {
      checkSelection(`${at}.groups.${index}.nodes`, group.nodes)
      checkValues(`${at}.groups.${index}.values`, group.values)
    }
    for (const [nodeRole, given] of Object.entries(deployment.overrides))
      checkInputs(`${at}.overrides.${nodeRole}`, nodeRole.split('/').at(-1) ?? '', given)
  }
  for (const [name, node] of Object.entries(site.nodes)) checkValues(`nodes.${name}.hints`, node.hints)
  for (const [name, given] of Object.entries(site.defaults)) checkValues(`defaults.${name}`, given, true)
  for (const circle of [parentCircle(site), requireCircle(site)])
    if (circle) fault('', `${circle.join(' -> ')} goes round in a circle`)
  return faults

  function checkRole(name: string, role: Role): void {
    const at = `roles.${name}`
    if (role.name !== name) fault(`${at}.name`, `expected ${name}`)
    for (const { role: wanted } of role.requires)
      if (answering(wanted).length === 0) fault(`${at}.requires`, `there is no role ${wanted}`, roles, wanted)
    for (const [input, spec] of Object.entries(role.inputs)) {
      checkSource(`${at}.inputs.${input}`, spec)
      const wrong =
        spec.default === undefined ? undefined : referenceFault(rules, role, input, spec.default, true)
      if (isObject(wrong)) fault(`${at}.inputs.${input}.default`, wrong.message)
    }
    for (const [output, { value }] of Object.entries(role.outputs))
      if (value !== undefined) checkExpressions(`${at}.outputs.${output}`, [value])
    const circle = inputCircle(role, language)
    if (circle) fault(`${at}.inputs`, `${circle.join(' -> ')} goes round in a circle`)
  }

  function checkSelection(at: string, selection: NodeSelection): void {
    if ('expression' in selection) checkExpressions(at, [selection.expression])
  }

  function checkChoice(at: string, choice: Choice | undefined): void {
    if (choice)
      checkExpressions(at, [...choice.prefer, ...(choice.spread === undefined ? [] : [choice.spread])])
  }

  function checkExpressions(at: string, texts: readonly string[]): void {
    for (const text of texts) {
      const { fault: complaint } = language.expression(text)
      if (complaint !== undefined) fault(at, `${text.slice(0, 200)} is no expression: ${complaint}`)
    }
  }

  function checkSource(at: string, { source }: InputSpec): void {
    if (source?.kind === 'value') checkExpressions(at, [source.expression])
    if (source?.kind === 'output' && source.select !== undefined) checkExpressions(at, [source.select])
    if (source?.kind !== 'output') return
    const from = answering(source.role)
    if (from.length === 0) return fault(at, `there is no role ${source.role}`, roles, source.role)
    for (const { name, outputs } of from)
      if (!Object.hasOwn(outputs, source.output))
        fault(at, `${name} has no output ${source.output}`, Object.keys(outputs), source.output)
  }

  function checkValues(at: string, given: Values, shipped = false): void {
    for (const [role, inputs] of Object.entries(given)) checkInputs(`${at}.${role}`, role, inputs, shipped)
  }

  function checkInputs(at: string, name: string, given: Values[string], shipped = false): void {
    const role = Object.hasOwn(site.roles, name) ? site.roles[name] : undefined
    if (!role) return fault(at, `there is no role ${name}`, roles, name)
    for (const [input, value] of Object.entries(given)) {
      const spec = Object.hasOwn(role.inputs, input) ? role.inputs[input] : undefined
      if (!spec) {
        fault(`${at}.${input}`, `${name} has no input ${input}`, Object.keys(role.inputs), input)
        continue
      }
      const referred = referenceFault(rules, role, input, value, shipped)
      if (isObject(referred)) fault(`${at}.${input}`, referred.message)
      if (referred !== undefined) continue
      const complaint = language.schema(spec.schema)(value)
      if (complaint !== undefined)
        fault(`${at}.${input}`, spec.sensitive ? 'it is sensitive, so what is wrong is not shown' : complaint)
    }
  }

  function checkZones(at: string, windows: readonly { zone: string }[] = []): void {
    for (const { zone } of windows)
      if (!parseWindow(`0:00-1:00 ${zone}`)) fault(at, `there is no time zone ${zone.slice(0, 100)}`)
  }
}

function parentCircle({ deployments }: Site): string[] | undefined {
  return circleIn(Object.keys(deployments), (name) => deployments[name]?.parent ?? [])
}

function requireCircle({ roles }: Site): string[] | undefined {
  const names = (wanted: string): string[] =>
    Object.values(roles).flatMap(({ name, provides }) =>
      name === wanted || provides.includes(wanted) ? name : [],
    )
  return circleIn(
    Object.keys(roles),
    (name) => roles[name]?.requires.flatMap(({ role }) => names(role)) ?? [],
  )
}

function inputCircle({ inputs }: Role, language: Language): string[] | undefined {
  return circleIn(Object.keys(inputs), (name) => {
    const source = inputs[name]?.source
    const text =
      source?.kind === 'value' ? source.expression : source?.kind === 'output' ? source.select : undefined
    if (text === undefined) return []
    return language.expression(text).reads.flatMap(([root, input]) => {
      if (root !== 'inputs') return []
      return input === undefined ? Object.keys(inputs) : Object.hasOwn(inputs, input) ? input : []
    })
  })
}

function circleIn(
  names: readonly string[],
  next: (name: string) => string | readonly string[],
): string[] | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const walk = (name: string): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (done.has(name)) return undefined
    path.push(name)
    for (const other of [next(name)].flat()) {
      const circle = walk(other)
      if (circle) return circle
    }
    path.pop()
    done.add(name)
    return undefined
  }
  for (const name of names) {
    const circle = walk(name)
    if (circle) return circle
  }
  return undefined
}
