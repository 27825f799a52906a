// Checks values that an operator or a package gives to roles: the input is there, takes values, and the value fits.
import type { Json } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import type { Role } from '../model/role.ts'
import type { Values } from '../model/site.ts'
import { checkReference } from './check-references.ts'
import { wrongBySchema, wrongKey, wrongValue } from './findings.ts'
import type { Everything } from './everything.ts'
import { unknownRole } from './names.ts'
import type { YamlDocument } from './yaml.ts'
import { surelyFits } from './surely-fits.ts'

/** role -> input -> value, as it stands at a path of a document. */
export async function checkValues(
  everything: Everything,
  document: YamlDocument,
  path: readonly string[],
  values: Values,
  shipped = false,
): Promise<void> {
  for (const [name, inputs] of Object.entries(values)) {
    const loaded = everything.roles.get(name)
    if (loaded !== undefined) checkInputs(everything, document, [...path, name], loaded.role, inputs, shipped)
    else if (!everything.brokenRoles.has(name)) {
      const complaint = await unknownRole(name, everything.roles, everything.shippedPackages)
      wrongKey(everything.findings, document, [...path, name], complaint)
    }
  }
}

/** input -> value for one role. */
export function checkInputs(
  everything: Everything,
  document: YamlDocument,
  path: readonly string[],
  role: Role,
  inputs: Record<string, Json>,
  shipped = false,
): void {
  const { findings, schemas } = everything
  for (const [input, value] of Object.entries(inputs)) {
    const here = [...path, input]
    const spec = Object.hasOwn(role.inputs, input) ? role.inputs[input] : undefined
    if (spec === undefined) {
      const free = Object.keys(role.inputs).filter((name) => role.inputs[name]?.source === undefined)
      const near = nearest(input, free)
      const advice =
        near === undefined
          ? `it has: ${free.join(', ') || 'none that takes a value'}`
          : `did you mean ${near}?`
      wrongKey(findings, document, here, {
        code: 'unknownInput',
        message: `${role.name} has no input ${input}`,
        advice,
      })
    } else if (spec.source !== undefined) {
      wrongKey(findings, document, here, {
        code: 'boundInput',
        message: `${input} of ${role.name} is bound to ${sourceWord(spec.source)}; no value can be given to it`,
        advice: 'bound inputs come from their source alone',
      })
    } else if (!(value === null && spec.optional)) {
      const reference = checkReference(role, input, value, { shipped })
      // What it leads to is held against the schema when a run begins.
      if (reference === 'sound') continue
      if (reference) wrongValue(findings, document, here, reference)
      else if (!surelyFits(spec.schema, value))
        wrongBySchema(findings, document, here, compiled(everything, spec.schema)(value))
    }
  }

  function compiled({ schemas: known }: Everything, schema: Json): ReturnType<typeof schemas.compile> {
    try {
      return known.compile(schema)
    } catch {
      // Told where the schema stands.
      return () => []
    }
  }
}

function sourceWord(source: NonNullable<Role['inputs'][string]['source']>): string {
  switch (source.kind) {
    case 'fact':
      return `the fact ${source.path.join('.')}`
    case 'output':
      return `${source.role}.${source.output}`
    case 'value':
      return 'an expression'
  }
}
