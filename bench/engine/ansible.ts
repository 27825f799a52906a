// A peer: Ansible's own scheduling over its local connection, with tasks that end in the controller and touch no machine.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROLES_PER_NODE } from './fleets.ts'

export const ANSIBLE = '/usr/bin/ansible-playbook'

/** Seconds-long at 1,000 already. Forks and strategy as its documentation recommends for many hosts. */
export function measureAnsible(size: number): { ms: number } {
  const dir = mkdtempSync(join(tmpdir(), 'anneal-bench-'))
  try {
    const hosts = Array.from({ length: size / ROLES_PER_NODE }, (_, i) => `n${i} ansible_connection=local`)
    writeFileSync(join(dir, 'hosts'), hosts.join('\n'))
    const tasks = Array.from(
      { length: ROLES_PER_NODE },
      (_, i) =>
        `    - set_fact: { key_${i}: "{{ inventory_hostname }}${i === 0 ? '' : `{{ key_${i - 1} }}`}" }`,
    )
    const play = ['- hosts: all', '  gather_facts: false', '  strategy: free', '  tasks:', ...tasks]
    writeFileSync(join(dir, 'play.yaml'), play.join('\n'))
    // Nothing of what the machine says otherwise.
    writeFileSync(join(dir, 'ansible.cfg'), '[defaults]\n')
    const startedAt = performance.now()
    execFileSync(ANSIBLE, ['-i', join(dir, 'hosts'), '-f', '50', join(dir, 'play.yaml')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ANSIBLE_CONFIG: join(dir, 'ansible.cfg') },
    })
    return { ms: performance.now() - startedAt }
  } finally {
    rmSync(dir, { recursive: true })
  }
}
