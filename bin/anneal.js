#!/usr/bin/env node
// Starts Anneal: in this process where its Node is new enough, else in the newer one that came with the npm packages.
// Plain JavaScript for any Node from 18 on; what the usual case does not need is not loaded for it.
import { isNewEnough } from './new-enough.js'

const { start } = await import(isNewEnough(process.version) ? './start-here.js' : './start-newer.js')
await start()
