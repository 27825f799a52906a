// The main job on real hosts, as a newcomer would do it by hand: each command is shown before it runs.
import { spawnSync } from 'node:child_process'
import { openSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = dirname(dirname(fileURLToPath(import.meta.url)))
const site = join(home, 'examples', 'etcd')
const anneal = join(home, 'bin', 'anneal.js')
const here = relative(process.cwd(), site) || '.'
const say = (line) => process.stdout.write(`${line}\n`)
const started = Date.now()

say('Three hosts on this machine, and an etcd cluster with mutual TLS on them.\n')
run(['lab', 'up', '3', '--prefix', 'etcd-', '--layer', 'etcd'])
run(['lab', 'inventory'], 'nodes.yaml')
run(['up', '--yes'])
const health = '. /etc/etcd/etcdctl.env; etcdctl endpoint health --cluster -w table; etcdctl endpoint status --cluster -w table'
run(['lab', 'exec', 'etcd-1', '--', 'sh', '-c', health])
say(`
Ready in ${((Date.now() - started) / 1000).toFixed(0)} s. The site is the directory ${here}; \`anneal\` below is bin/anneal.js. Three things to try next:

  cd ${here}
  anneal why etcd-1/etcd members     where a value comes from, down to its roots
  edit anneal.yaml: heartbeat_interval_ms: 150, then: anneal up
                                      three node-roles run, one after the other; everything else rests
  anneal lab stop etcd-2; anneal up; anneal why etcd-2/etcd; anneal lab start etcd-2; anneal up
                                      a host dies, its neighbours go on, and it heals on return

  anneal lab down                     takes the hosts away again
`)

/** `into`: a file of the site that takes what the command prints. */
function run(words, into) {
  const shown = words.map((word) => (/^[\w./=-]+$/.test(word) ? word : `'${word}'`)).join(' ')
  say(`$ anneal ${shown}${into ? ` >${into}` : ''}`)
  const stdout = into ? openSync(join(site, into), 'w') : 'inherit'
  const done = spawnSync(process.execPath, [anneal, ...words], { cwd: site, stdio: ['inherit', stdout, 'inherit'] })
  if (done.status !== 0) {
    say(`\n\`anneal ${words[0]}\` ended with ${done.status ?? done.signal}; what it said stands above.`)
    process.exit(done.status ?? 1)
  }
  say('')
}
