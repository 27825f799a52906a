// What to say of a name that nothing bears: the nearest right one, or where the thing can be had.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { nearest } from '../base/nearest.ts'
import type { LoadedRole } from './read-role.ts'
import type { Complaint } from './source.ts'

/** The roles that a name means: the one that bears it, else all that provide it. */
export function rolesNamed(roles: Map<string, LoadedRole>, name: string): LoadedRole[] {
  const own = roles.get(name)
  if (own !== undefined) return [own]
  return [...roles.values()].filter(({ role }) => role.provides.includes(name))
}

export async function unknownRole(
  name: string,
  roles: Map<string, LoadedRole>,
  shippedPackages: string | undefined,
): Promise<Complaint> {
  const known = [...roles.values()].flatMap(({ role }) => [role.name, ...role.provides])
  const near = nearest(name, known)
  const shipped = near === undefined ? await shippedWith(name, shippedPackages) : undefined
  const advice =
    near !== undefined
      ? `did you mean ${near}?`
      : shipped !== undefined
        ? `it comes with Anneal in the package ${shipped}: add ${shipped} to packages`
        : known.length === 0
          ? 'no package of this site has a role; list some under packages'
          : `roles of this site: ${known.sort().slice(0, 20).join(', ')}`
  return { code: 'unknownRole', message: `no role ${name}`, advice }
}

async function shippedWith(role: string, shippedPackages: string | undefined): Promise<string | undefined> {
  if (shippedPackages === undefined) return undefined
  for (const name of await readdir(shippedPackages).catch(() => [])) {
    const found = await stat(join(shippedPackages, name, 'roles', `${role}.yaml`)).catch(() => undefined)
    if (found?.isFile() === true) return name
  }
  return undefined
}

export function unknownName(what: string, name: string, known: Iterable<string>): Complaint {
  const words = [...known]
  const near = nearest(name, words)
  const listed = words.length === 0 ? 'there are none' : `there are: ${words.slice(0, 20).join(', ')}`
  return {
    code: `unknown${what.charAt(0).toUpperCase()}${what.slice(1)}`,
    message: `no ${what} ${name}`,
    advice: near === undefined ? listed : `did you mean ${near}?`,
  }
}
