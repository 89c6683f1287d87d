// `npm run accuracy [-- --engine chromium] [--scenario name] [--repeat N] [--parallel N] [--tabs N]`: real browsers, what
// the collector stored against an independent log of the page. Node before 22 cannot read TypeScript by itself, hence
// the hook.
import { register } from 'node:module'

register('./ts-hook.mjs', import.meta.url)
await import('./main.ts')
