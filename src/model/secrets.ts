// Secrets of a site: where the key is that they are sealed under, where references to Vault lead, and how it stands with them.
import type { Answer } from './refusal.ts'

export type KeyPlace =
  | { kind: 'file'; path: string }
  /** It prints the key; no shell reads the words. */
  | { kind: 'command'; argv: string[] }

export interface SecretsSettings {
  /** Left out: the file `.anneal/secrets.key`. */
  key?: KeyPlace
  vault?: VaultSettings
}

/** What is left out is taken from the environment: VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE, VAULT_CACERT. */
export interface VaultSettings {
  address?: string
  tokenFile?: string
  namespace?: string
  caFile?: string
}

export interface SecretsStatus {
  /** As a person would say where it is. */
  where: string
  /** Of the key there; absent where there is none, or none that may be used: then why. */
  key?: string
  problem?: { code: string; message: string; next: string }
  /** Values that are sealed, each once, and how many keys of values are under which key. */
  sealed: number
  under: { key: string; keys: number }[]
  /** Places of older history, and of snapshots, in which a secret stands in clear; the last event that has one. */
  clear: { values: number; lastEvent: number }
}

export interface Rotated {
  /** Of the key that all values are under now. */
  key: string
  where: string
  /** So many keys of values were wrapped anew. */
  keys: number
  /** anneal.yaml names another place than that: what is to stand there. */
  setting?: KeyPlace
}

/** What can be asked of the secrets of a site, past its engine. */
export interface SecretsKeeping {
  /** Reads all of history; refuses as opening a journal does, but not for want of a key: that is told. */
  status(): Promise<Answer<SecretsStatus>>
  /** Refuses with `busy` while somebody works on the site. Left out: another key in the same place. */
  rotate(to?: KeyPlace): Promise<Answer<Rotated>>
}
