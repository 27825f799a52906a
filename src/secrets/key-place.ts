// The source of the wrapping key that a place means: a file below the site's directory or anywhere, or a command.
import { resolve } from 'node:path'
import type { KeyPlace } from '../model/secrets.ts'
import { keyCommand } from './key-command.ts'
import { type KeyFile, keyFile } from './key-file.ts'
import type { KeySource } from './key-source.ts'

/** What a site uses that says nothing about it; relative to its directory, as all of them. */
export const KEY_PLACE: KeyPlace = { kind: 'file', path: '.anneal/secrets.key' }

export function keySourceAt(place: KeyPlace, siteDir: string): KeySource {
  return place.kind === 'file' ? keyFileAt(place.path, siteDir) : keyCommand(place.argv, siteDir)
}

export function keyFileAt(path: string, siteDir: string): KeyFile {
  return keyFile(resolve(siteDir, path))
}
