// Four eyes: what one person proposed another commits, where policy says so; and the word for what is destructive likewise.
import { TOKEN_PREFIX } from '../model/access.ts'
import { ANNEAL, type NodeRoleId, nodeRoleName } from '../model/names.ts'
import type { Refusal } from '../model/refusal.ts'
import type { RevisionCause } from '../model/revision-cause.ts'
import type { Target } from '../model/site.ts'
import { touchedBetween } from './touched.ts'
import type { NodeRole, RevisionRecord, World } from './world.ts'

/**
 * Undefined where one person is enough. The word of the committed revision counts as well as that of the proposed one, so
 * that nobody turns the policy off alone.
 */
export function needsAnother(
  world: World,
  {
    target,
    author,
    cause,
    revision,
  }: Pick<RevisionRecord, 'target' | 'author' | 'cause'> & { revision?: number },
  by: string,
): Refusal | undefined {
  const isOfFiles = author === ANNEAL && !isPolicy(cause)
  const isOneOfTwo = personOf(world, author) !== personOf(world, by) && !isOfFiles
  if (isOneOfTwo || isPolicy(cause)) return undefined
  const deployments = guarded(world.target, target)
  if (deployments === undefined) return undefined
  const where = deployments.length === 0 ? 'this site' : deployments.join(', ')
  const rule = `${where} is changed by two people: who proposes a revision cannot commit it`
  if (isOfFiles) {
    const message = `nobody knows who wrote what the files say now, and ${rule}`
    return { code: 'fourEyes', message, deployments, nobody: true }
  }
  if (revision === undefined) return { code: 'fourEyes', message: rule, deployments }
  return {
    code: 'fourEyes',
    message: `revision ${revision} is by ${author}, and ${rule}`,
    deployments,
    revision,
  }
}

/** Of a destructive role: who proposed the revision that it stands in cannot also give the word for running it. */
export function needsAnothersWord(
  world: World,
  nodeRoles: readonly NodeRoleId[],
  by: string,
): Refusal | undefined {
  const head = world.revisions.get(world.head)
  if (!head) return undefined
  const { proposer = head.author } = head
  if (personOf(world, proposer) !== personOf(world, by)) return undefined
  const deployments = [...new Set(nodeRoles.map((id) => nodeRoleName(id).deployment))]
  const meant = deployments.filter((name) => isGuarded(world.target, name)).sort()
  if (meant.length === 0) return undefined
  const message = `revision ${head.revision} is by ${proposer}, and ${meant.join(', ')} is changed by two people: what is destructive (once) needs the word of another`
  return { code: 'fourEyes', message, deployments: meant }
}

/** Marked `once` and tried before: only a person's word runs it again. */
export function isOnceAgain({ group, success, attempts, lost }: NodeRole): boolean {
  return group.role.once && (success ?? attempts ?? lost) !== undefined
}

/** A token does what whoever issued it has it do: with one of their own nobody is two. */
function personOf(world: World, name: string): string {
  const asked = new Set<string>()
  let person = name
  while (person.startsWith(TOKEN_PREFIX) && !asked.has(person)) {
    asked.add(person)
    person = world.tokens.get(person.slice(TOKEN_PREFIX.length))?.issuedBy ?? person
  }
  return person
}

/** What facts and nodes brought about, by a policy that two people committed; files are somebody's doing. */
function isPolicy(cause: RevisionCause | undefined): boolean {
  return cause !== undefined && cause.kind !== 'filesChanged' && cause.kind !== 'nodesAdded'
}

/** The guarded deployments that differ; none of them where it is the site itself; undefined where nothing guarded does. */
function guarded(before: Target | undefined, after: Target): string[] | undefined {
  if (!isGuardedAnywhere(before) && !isGuardedAnywhere(after)) return undefined
  const touched = touchedBetween(before, after)
  const named = touched.deployments.filter((name) => isGuarded(before, name) || isGuarded(after, name))
  if (named.length > 0) return named
  return touched.site && (before?.fourEyes || after.fourEyes) ? [] : undefined
}

function isGuardedAnywhere(target: Target | undefined): boolean {
  if (!target) return false
  return target.fourEyes === true || Object.values(target.deployments).some(({ fourEyes }) => fourEyes)
}

function isGuarded(target: Target | undefined, deployment: string): boolean {
  return target?.deployments[deployment]?.fourEyes ?? false
}
