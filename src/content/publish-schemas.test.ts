// The published schemas are those that validate, and they are schemas.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { PUBLISHED, published } from './publish-schemas.ts'

for (const [name, format] of Object.entries(PUBLISHED)) {
  test(`schemas/${name} is up to date (else: node src/content/publish-schemas.ts)`, async () => {
    const path = fileURLToPath(new URL(`../../schemas/${name}`, import.meta.url))
    expect(await readFile(path, 'utf8')).toBe(published(format))
  })

  test(`${name} is a schema of draft 7, which editors know`, () => {
    const ajv = new Ajv({ strict: true, strictTypes: false, allowUnionTypes: true })
    expect(() => ajv.compile(JSON.parse(published(format)) as object)).not.toThrow()
  })

  test(`${name} says of every key what it is for`, () => {
    expect(keysWithoutWords(format as Schema, [])).toEqual([])
  })
}

interface Schema {
  description?: string
  properties?: Record<string, Schema>
  additionalProperties?: Schema | false
  items?: Schema
  anyOf?: Schema[]
}

function keysWithoutWords(schema: Schema, path: string[]): string[] {
  const parts = [schema.additionalProperties, schema.items, ...(schema.anyOf ?? [])].filter((part) => !!part)
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, part]) => [
    // The keywords of JSON Schema explain themselves; an editor shows them as they are.
    ...(part.description === undefined && Object.keys(part).length > 0 ? [[...path, key].join('.')] : []),
    ...keysWithoutWords(part, [...path, key]),
  ])
  return [...own, ...parts.flatMap((part) => keysWithoutWords(part, path))]
}
