// The format of `secrets:` in anneal.yaml: where the key of sealed values comes from, and where Vault is.
import { described, type Format, record } from './format.ts'

const PATH: Format = { type: 'string', minLength: 1 }

export const SECRETS: Format = record(
  {
    key: {
      anyOf: [
        record({ file: described(PATH, 'Made when it is first needed; for its owner alone (mode 0600).') }, [
          'file',
        ]),
        record(
          {
            command: {
              type: 'array',
              minItems: 1,
              items: { type: 'string' },
              description: 'A command and its words; no shell reads them. It prints the key.',
            },
          },
          ['command'],
        ),
      ],
      description:
        'The key that sensitive values in the journal are sealed under. Left out: the file `.anneal/secrets.key`.',
    },
    vault: record(
      {
        address: {
          type: 'string',
          pattern: '^https?://[^/?#@]+/?$',
          title: 'an address such as https://vault.example:8200',
          description: 'Left out: VAULT_ADDR.',
        },
        token_file: described(PATH, 'A file with the token. Left out: VAULT_TOKEN, else `~/.vault-token`.'),
        namespace: { type: 'string', minLength: 1, description: 'Left out: VAULT_NAMESPACE.' },
        ca_file: described(
          PATH,
          'Certificates of authorities in PEM. Left out: VAULT_CACERT, else those of the system.',
        ),
      },
      [],
      {
        description:
          'Where `secret: { vault: ... }` is looked for. What is left out is taken from the environment.',
      },
    ),
  },
  [],
  { description: 'Where the key of sealed values comes from, and where references to Vault lead.' },
)
