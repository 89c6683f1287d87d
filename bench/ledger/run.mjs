// `npm run ledger [-- --full] [--engine firefox] [--cell text] [--parallel N] [--verbose]`: real browsers that end in
// every way there is, on bad networks and without storage; what the collector has at the end against what was shown.
import { register } from 'node:module'

register('../accuracy/ts-hook.mjs', import.meta.url)
await import('./main.ts')
