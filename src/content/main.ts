// Prints the faults of a site, or what is in it: `node src/content/main.ts SITE_DIR`. Stands in for `anneal validate`.
import { fileURLToPath } from 'node:url'
import { loadSite } from './load-site.ts'

const shippedPackages = fileURLToPath(new URL('../../packages', import.meta.url))
const loaded = await loadSite(process.argv[2] ?? '.', { shippedPackages })
for (const fault of [...loaded.warnings, ...(loaded.ok ? [] : loaded.faults)]) {
  console.error(`${fault.file}:${fault.line}:${fault.column} ${fault.message} [${fault.code}]`)
  if (fault.frame !== undefined) console.error(fault.frame)
  if (fault.advice !== undefined) console.error(`  ${fault.advice}`)
  console.error()
}
if (loaded.ok) console.log(JSON.stringify({ ...loaded.site, content: loaded.content.size }, null, 2))
else process.exitCode = 5
