// Schema of the files of a node-role, as they would be written and against what its last success wrote.
import { z } from '@hono/zod-openapi'
import type { FileView, FilesView } from '../../model/rendered-files.ts'
import { maybe, schemaOf } from './json.ts'

const FileSchema = schemaOf<FileView>()(
  z
    .object({
      path: z.string(),
      mode: z.string(),
      owner: z.string(),
      group: z.string(),
      from: z.string().openapi({ description: 'Where its template or its bytes stand in the package.' }),
      change: z.enum(['new', 'same', 'changed', 'gone', 'unknown']),
      text: maybe(z.string()),
      untold: maybe(z.enum(['binary', 'large'])),
      diff: maybe(
        z.string().openapi({ description: 'From the last success to now, as `diff -u` writes it.' }),
      ),
      rights: maybe(z.object({ before: z.string(), now: z.string() })),
      differsInSecrets: maybe(z.literal(true)),
    })
    .openapi('File'),
)

export const FilesSchema = schemaOf<FilesView>()(
  z
    .object({
      nodeRole: z.string(),
      since: maybe(z.object({ run: z.string(), at: z.number() })),
      unbound: z.array(z.string()).openapi({
        description: 'Inputs without a value: what would be written is not known, and what was is shown.',
      }),
      hidden: z.array(z.string()).openapi({ description: 'Inputs whose values stand as blots.' }),
      files: z.array(FileSchema),
      problem: maybe(z.string()),
    })
    .openapi('Files'),
)
