// What the files of a node-role follow from, now and at its last success; and which of its inputs hold secrets.
import type { FilesBasis, FilesOrder } from '../model/rendered-files.ts'
import type { Role } from '../model/role.ts'
import { inputsOfSuccess } from './asleep.ts'
import { bindingOf, isSecret } from './bind.ts'
import { secretNamesIn } from './secret-names.ts'
import type { NodeRole, World } from './world.ts'

export interface FilesMeant extends Omit<FilesOrder, 'clear'> {
  unbound: string[]
}

export function filesMeant(world: World, nodeRole: NodeRole): FilesMeant {
  const { id, group, node, success, leaving } = nodeRole
  const { inputs } = bindingOf(nodeRole)
  const unbound = leaving
    ? []
    : group.inputs.filter(({ name }) => !Object.hasOwn(inputs, name)).map(({ name }) => name)
  const roleBefore = success && roleOfDigest(world, group.role, success.roleDigest)
  const before = success && roleBefore && { role: roleBefore, inputs: inputsOfSuccess(nodeRole) ?? {} }
  // What leaves will have none.
  const role = leaving ? { ...group.role, files: {} } : group.role
  const now = unbound.length > 0 ? undefined : { role, inputs }
  return {
    nodeRole: id,
    ...(node && { node: node.name }),
    ...(now && { now }),
    ...(before && { before }),
    secret: secretsOf(world, nodeRole, [now, before]),
    unbound,
  }
}

/** As the journal has it, also where a commit came since; undefined where no revision has it any more. */
function roleOfDigest(world: World, role: Role, digest: string): Role | undefined {
  if (role.digest === digest) return role
  for (const { target } of [...world.revisions.values()].reverse()) {
    const then = target.roles[role.name]
    if (then?.digest === digest) return then
  }
  return undefined
}

/** By the role as it stands, and by all that was ever said of it. */
function secretsOf(world: World, nodeRole: NodeRole, bases: readonly (FilesBasis | undefined)[]): string[] {
  const names = secretNamesIn(world)
  const secret = new Set(
    nodeRole.group.inputs.filter((input) => isSecret(nodeRole, input)).map(({ name }) => name),
  )
  for (const basis of bases)
    for (const name of Object.keys(basis?.inputs ?? {}))
      if (names.isSecretInput(basis?.role.name ?? '', name)) secret.add(name)
  return [...secret].sort()
}
