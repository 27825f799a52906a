// Prints what this machine lacks for a lab, as JSON, for the setup script.
import { labNeeds } from './needs.ts'

process.stdout.write(JSON.stringify(labNeeds()))
