// The lab as the command line sees it: real hosts on this machine, made and broken on purpose. Faults are thrown.

/** What a lab rejects with: a code for scripts, a sentence for people. */
export interface LabFault extends Error {
  name: 'LabFault'
  code: string
}

export interface LabDoor {
  /** Hosts that are there already stay; those that are down are started. */
  up(lab: string, wish: LabWish): Promise<LabHost[]>
  down(lab: string, say: (line: string) => void): Promise<void>
  list(lab: string): Promise<LabHost[]>
  stop(lab: string, hosts: readonly string[]): Promise<void>
  start(lab: string, hosts: readonly string[]): Promise<void>
  /** Takes the host off the network. */
  cut(lab: string, hosts: readonly string[]): Promise<void>
  /** Ends cutting and slowing. */
  heal(lab: string, hosts: readonly string[]): Promise<void>
  slow(lab: string, hosts: readonly string[], slowness: LabSlowness): Promise<void>
  /** Runs a command on a host with this terminal; resolves to its exit code. */
  exec(lab: string, host: string, argv: readonly string[]): Promise<number>
  /** Stdin and stdout become the host's ssh port: what OpenSSH calls as its ProxyCommand. Resolves to its exit code. */
  connect(lab: string, host: string): Promise<number>
  /** Text of an ssh_config file that reaches every host of the lab. */
  sshConfig(lab: string): Promise<string>
  /** Nodes as `anneal.yaml` takes them in by `nodes: { from: FILE }`. */
  inventory(lab: string): Promise<object>
}

export interface LabWish {
  count?: number
  prefix?: string
  names?: readonly string[]
  layers: readonly string[]
  diskMiB?: number
  say(line: string): void
}

export interface LabHost {
  name: string
  address: string
  state: string
}

export interface LabSlowness {
  delayMs: number
  jitterMs: number
  lossPercent: number
}
