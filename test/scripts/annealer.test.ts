// Stories about the heart: what an operator would recognise, told in scripts with golden output.
import { join } from 'node:path'
import { annealerScript } from './annealer-script.ts'
import { goldenScripts } from './golden.ts'

goldenScripts(join(import.meta.dirname, 'annealer'), annealerScript)
