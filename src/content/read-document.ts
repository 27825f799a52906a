// Reads a file in one of our formats: text, YAML, then the format's schema; each step names what it found wrong.
import { canonical } from '../base/canonical.ts'
import type { Json } from '../base/json.ts'
import { type Findings, wrongBySchema, wrongFile } from './findings.ts'
import type { Format } from './format.ts'
import { readSource } from './files.ts'
import type { Schemas } from './schema.ts'
import { toldByFormat } from './told-by-format.ts'
import { readYaml, type YamlDocument } from './yaml.ts'

/** `fits` is false when the document was read but breaks its format; its parts may still be looked at with care. */
export interface ReadDocument {
  document: YamlDocument
  fits: boolean
}

export async function readDocument(
  path: string,
  file: string,
  format: Format,
  schemas: Schemas,
  findings: Findings,
): Promise<ReadDocument | undefined> {
  findings.files.push(path)
  const source = await readSource(path, file, findings.looks)
  if (!source.ok) {
    const lonely = source.complaint.code === 'fileNotThere' && source.complaint.advice === undefined
    wrongFile(
      findings,
      file,
      lonely
        ? { ...source.complaint, advice: `${format['title'] as string} is looked for` }
        : source.complaint,
    )
    return undefined
  }
  const yaml = readYaml(source.value)
  if (!yaml.ok) {
    findings.faults.push(...yaml.faults)
    return undefined
  }
  const { known } = findings
  // A value of a role may be anything here: that it is another one changes nothing of how the document fits.
  const told = known && canonical(toldByFormat(yaml.document.value as Json, format))
  if (told !== undefined && known?.has(format, told)) return { document: yaml.document, fits: true }
  const problems = schemas.compile(format)(yaml.document.value)
  if (problems.length === 0 && told !== undefined) known?.add(format, told)
  wrongBySchema(findings, yaml.document, [], problems)
  return { document: yaml.document, fits: problems.length === 0 }
}
