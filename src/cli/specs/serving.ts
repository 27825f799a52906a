// The command that serves: names, flags, arguments and help.
import { LOG_LEVELS } from '../../base/log.ts'
import { command } from '../command.ts'
import { parseAddress } from '../parse.ts'
import { json, plain, site } from './shared.ts'

export const serveCommand = command({
  load: async () => (await import('../commands/serve.ts')).default,
  parameters: {
    flags: {
      site,
      listen: {
        kind: 'parsed',
        parse: parseAddress,
        optional: true,
        placeholder: 'HOST:PORT',
        brief: 'Where it answers (else as server.yaml says, else 127.0.0.1:7433)',
      },
      database: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'URL',
        brief: 'postgres://USER@HOST/DATABASE (else ANNEAL_DATABASE, else as server.yaml says, else .anneal)',
      },
      log: {
        kind: 'enum',
        values: ['text', 'json'],
        optional: true,
        brief: 'One line on stderr for each thing that happens, instead of progress',
      },
      logLevel: {
        kind: 'enum',
        values: LOG_LEVELS,
        optional: true,
        brief: 'What is less than this is left out (else as server.yaml says, else info)',
      },
      plain,
      json,
    },
    aliases: { C: 'site' },
  },
  docs: {
    brief: 'Keep the site annealed, and answer over HTTP',
    more: `Stays and keeps annealing, as anneal up --stay does, for many who ask at once: a page, an API, and every other command of
this machine, which finds it by itself. Says its address on stdout once it is ready. What the files say that is not
committed waits on the timeline for anneal up or anneal commit.
A first SIGTERM or Ctrl-C lets runs in flight finish, as anneal stop does; a second one ends at once.

  anneal serve
  anneal serve --listen 127.0.0.1:8080
  anneal serve --database postgres://anneal@db.example.org/anneal
  anneal serve --log json --log-level debug`,
  },
})
