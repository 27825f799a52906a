// `anneal lab connect NAME`: one connection into the lab on stdin and stdout, made for OpenSSH's ProxyCommand.
import { scriptPath } from './holder.ts'
import type { Lab } from './lab.ts'
import { expectHost } from './records.ts'

/** What to run with our stdin and stdout. The ssh_config that we write runs it directly and spares Node's start. */
export function connectCommand(lab: Lab, name: string, port = 22): string[] {
  return ['sh', scriptPath('connect.sh'), lab.directory, expectHost(lab, name).address, String(port)]
}
