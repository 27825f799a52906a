// Schemas of the smallest things: JSON, names, numbers as they stand in an address; and the check that a schema is its type.
import { z } from '@hono/zod-openapi'
import type { Json, JsonObject } from '../../base/json.ts'
import { NAME_PATTERN, NO_NODE, NODE_NAME_PATTERN } from '../../model/names.ts'

/**
 * The schema, if it says exactly what the type says, optional properties included; the compiler tells where it does not.
 * Descriptions in the document come from here, shapes from the model.
 */
export function schemaOf<T>() {
  return <S extends z.ZodType>(
    schema: S & (Same<z.output<S>, T> extends true ? unknown : { differsFrom: T }),
  ): z.ZodType<T> => schema as unknown as z.ZodType<T>
}

type Same<A, B> = [A] extends [B]
  ? [B] extends [A]
    ? [Whole<A>] extends [Whole<B>]
      ? [Whole<B>] extends [Whole<A>]
        ? true
        : 'an optional property is missing'
      : 'there is an optional property too many'
    : 'the type says more'
  : 'the schema says more'

/** With every optional property required, all the way down. */
type Whole<T> = unknown extends T
  ? 'anything'
  : Json extends T
    ? 'json'
    : T extends string | number | boolean | null | undefined
      ? T
      : { [K in keyof T]-?: Whole<T[K]> }

/**
 * It may be left out. `exactOptional` says the same and is not known to who writes the document; JSON has no undefined
 * that could come in.
 */
export function maybe<S extends z.ZodType>(schema: S): z.ZodExactOptional<S> {
  return schema.optional() as unknown as z.ZodExactOptional<S>
}

export const JsonSchema: z.ZodType<Json> = (z.unknown() as unknown as z.ZodType<Json>).openapi('Json', {
  description: 'Any JSON value.',
})

export const JsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), JsonSchema)

export const Name = z.string().regex(new RegExp(NAME_PATTERN))
export const NodeName = z.string().regex(new RegExp(NODE_NAME_PATTERN))
/** The node part of a node-role: `-` where it belongs to its deployment. */
export const NodePart = z.string().regex(new RegExp(`${NODE_NAME_PATTERN}|^${NO_NODE}$`))
export const RunName = z.string().regex(/^run-\d{1,15}$/)
export const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')
/** As an operator types a part of the site. */
export const TargetText = z.string().min(1).max(1_000)
/** Text by a person: why, a message. */
export const Why = z.string().max(2_000)

/** In an address: digits alone. */
export function wholeNumber(least: number, most: number): z.ZodType<number> {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `expected ${least} to ${most}`)
    .openapi({ type: 'integer', minimum: least, maximum: most, pattern: undefined as never })
}

export function yesOrNo(): z.ZodType<boolean> {
  return z
    .enum(['true', 'false'])
    .transform((word) => word === 'true')
    .openapi({ type: 'boolean', enum: undefined as never })
}
