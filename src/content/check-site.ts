// Checks of a site against its roles and nodes: every name leads somewhere, every value fits, nothing needed is missing.
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { NO_NODE } from '../model/names.ts'
import type { DeploymentSpec, NodeSelection, PlacementSpec, Site } from '../model/site.ts'
import { checkChoice, checkCountable } from './check-choice.ts'
import { checkFactsRead } from './check-facts.ts'
import { expressionFaults, SELECTION_SCOPE } from './check-expression.ts'
import { checkConflicts, checkMissing, checkRequired, placedAt } from './check-placements.ts'
import { checkRollout, checkWindows } from './check-rollout.ts'
import { circles } from './circles.ts'
import { checkInputs, checkValues } from './check-values.ts'
import { wrongInside, wrongKey, wrongValue } from './findings.ts'
import type { Everything } from './everything.ts'
import { rolesNamed, unknownName, unknownRole } from './names.ts'

export async function checkSite(everything: Everything, site: Site): Promise<void> {
  for (const [name, { spec, document }] of everything.nodes) {
    await checkValues(everything, document, ['nodes', name, 'hints'], spec.hints)
  }
  checkParents(everything, site)
  for (const [name, deployment] of Object.entries(site.deployments)) {
    await checkDeployment(everything, site, ['deployments', name], deployment)
    checkConflicts(everything, name, deployment)
    checkMissing(everything, site, name)
    checkRequired(everything, site, name)
  }
}

function checkParents({ findings, document }: Everything, site: Site): void {
  const names = Object.keys(site.deployments)
  const edges = new Map<string, string[]>()
  for (const [name, { parent }] of Object.entries(site.deployments)) {
    const known = parent !== undefined && names.includes(parent)
    edges.set(name, known ? [parent] : [])
    if (parent === undefined || known) continue
    wrongValue(findings, document, ['deployments', name, 'parent'], unknownName('deployment', parent, names))
  }
  for (const circle of circles(edges)) {
    wrongValue(findings, document, ['deployments', circle[0] as string, 'parent'], {
      code: 'circle',
      message: `the deployment is its own parent: ${[...circle, circle[0]].join(' -> ')}`,
    })
  }
}

async function checkDeployment(
  everything: Everything,
  site: Site,
  path: string[],
  deployment: DeploymentSpec,
): Promise<void> {
  const { document } = everything
  const raw = (document.value as { deployments: Record<string, JsonObject> }).deployments[path[1] as string]
  if (raw?.['nodes'] !== undefined) checkSelection(everything, [...path, 'nodes'], deployment.nodes)
  if (raw) checkChoice(everything, path, raw)
  await checkValues(everything, document, [...path, 'values'], deployment.values)
  for (const [index, group] of deployment.groups.entries()) {
    const here = [...path, 'groups', String(index)]
    checkSelection(everything, [...here, 'nodes'], group.nodes)
    await checkValues(everything, document, [...here, 'values'], group.values)
  }
  await checkOverrides(everything, site, [...path, 'overrides'], deployment)
  checkWindows(everything, path)
  const list = (raw?.['roles'] ?? []) as Json[]
  for (const [index, placement] of deployment.placements.entries()) {
    const placed = list[index]
    if (isObject(placed)) checkChoice(everything, [...path, 'roles', String(index)], placed)
    await checkPlacement(
      everything,
      [...path, 'roles', String(index)],
      placement,
      deployment.placements.slice(0, index),
    )
  }
}

function checkSelection(
  { document, findings, nodes, nodesComplete }: Everything,
  path: string[],
  selection: NodeSelection,
): void {
  if ('names' in selection) {
    for (const [index, name] of selection.names.entries()) {
      if (!nodes.has(name) && nodesComplete)
        wrongValue(findings, document, [...path, String(index)], unknownName('node', name, nodes.keys()))
    }
    return
  }
  checkFactsRead(findings, document, path, selection.expression)
  for (const { start, end, ...complaint } of expressionFaults(
    selection.expression,
    SELECTION_SCOPE,
    'bool',
  )) {
    wrongInside(findings, document, path, { start, end }, complaint)
  }
}

async function checkOverrides(
  everything: Everything,
  site: Site,
  path: string[],
  deployment: DeploymentSpec,
): Promise<void> {
  const { document, findings, roles, brokenRoles, shippedPackages } = everything
  for (const [key, inputs] of Object.entries(deployment.overrides)) {
    const here = [...path, key]
    const [node = '', name = ''] = key.split('/')
    if (!Object.hasOwn(site.nodes, node) && node !== NO_NODE && everything.nodesComplete) {
      wrongKey(findings, document, here, unknownName('node', node, Object.keys(site.nodes)))
    }
    const loaded = roles.get(name)
    if (loaded !== undefined) checkInputs(everything, document, here, loaded.role, inputs)
    else if (!brokenRoles.has(name))
      wrongKey(findings, document, here, await unknownRole(name, roles, shippedPackages))
  }
}

async function checkPlacement(
  everything: Everything,
  path: string[],
  placement: PlacementSpec,
  before: readonly PlacementSpec[],
): Promise<void> {
  const { document, findings, roles, brokenRoles, shippedPackages } = everything
  const place = placedAt(everything, path)
  checkCountable(everything, path, { role: placement.role, count: placement.choice?.count })
  if (placement.nodes !== undefined) checkSelection(everything, [...path, 'nodes'], placement.nodes)
  if (before.some(({ role }) => role === placement.role)) {
    wrongValue(findings, document, place, {
      code: 'placedTwice',
      message: `${placement.role} is placed twice in this deployment`,
      advice: 'place it once; groups and overrides give nodes values of their own',
    })
  }
  checkWindows(everything, path)
  const loaded = roles.get(placement.role)
  if (placement.rollout) checkRollout(everything, [...path, 'rollout'], placement.rollout, loaded?.role)
  if (loaded !== undefined)
    checkInputs(everything, document, [...path, 'values'], loaded.role, placement.values)
  else if (!brokenRoles.has(placement.role)) {
    const complaint = await unknownRole(placement.role, roles, shippedPackages)
    const providers = rolesNamed(roles, placement.role).map(({ role }) => role.name)
    const advice =
      providers.length === 0 ? complaint.advice : `place what provides it: ${providers.join(' or ')}`
    wrongValue(findings, document, place, { ...complaint, advice })
  }
}
