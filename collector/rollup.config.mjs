import { cp, mkdir, readFile, rm } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'
import { dashboard } from './rollup.dashboard.mjs'
import { demoApp } from './rollup.demo.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** The collector as one module beside its dependencies; tests bundle it elsewhere. */
export const bundle = {
  input: here('src/main.ts'),
  external: [
    ...[/^node:/, /^@clickhouse\//, /^@hono\//, /^@modelcontextprotocol\//, /^@valibot\//, /^hono(\/|$)/],
    ...['ipaddr.js', 'isbot', 'libsql', 'pino', 'prom-client', 'valibot', 'yaml'],
  ],
  plugins: [
    wire(),
    rawText(),
    threads(),
    esbuild({ target: 'node20', tsconfig: here('tsconfig.json'), loaders: { '.json': 'json' } }),
  ],
}

export const output = { format: 'es', banner: '#!/usr/bin/env node' }

export default [
  {
    ...bundle,
    plugins: [...bundle.plugins, publicFiles(), demoApp()],
    output: { ...output, file: here('dist/main.js') },
  },
  // The client of the live stream, for whoever wants to follow it from their own code.
  {
    input: here('src/live/client.ts'),
    plugins: [esbuild({ target: 'node20', tsconfig: here('tsconfig.json') })],
    output: { format: 'es', file: here('dist/live.js') },
  },
  {
    input: here('src/live/client.ts'),
    plugins: [dts({ tsconfig: here('tsconfig.json') })],
    output: { file: here('dist/live.d.ts') },
  },
  dashboard, // after the first, which clears the public files
]

/** The wire's constants are bundled: the published collector needs no link to the SDK's package. */
function wire() {
  return { name: 'wire', resolveId: (id) => (id === 'dwelltime/protocol' ? here('../src/protocol/record.ts') : null) }
}

/** `import text from './file.sql?raw'`, as in Vite. */
function rawText() {
  return {
    name: 'raw-text',
    async resolveId(id, importer) {
      if (!id.endsWith('?raw')) return null
      const file = await this.resolve(id.slice(0, -'?raw'.length), importer)
      return `${file.id}?raw`
    },
    async load(id) {
      if (!id.endsWith('?raw')) return null
      const file = id.slice(0, -'?raw'.length)
      this.addWatchFile(file)
      return `export default ${JSON.stringify(await readFile(file, 'utf8'))}`
    },
  }
}

/** `import url from './file.ts?thread'`: its own bundle, in a file beside ours. */
function threads() {
  return {
    name: 'threads',
    async resolveId(id, importer) {
      if (!id.endsWith('?thread')) return null
      const file = await this.resolve(id.slice(0, -'?thread'.length), importer)
      return `${file.id}?thread`
    },
    async load(id) {
      if (!id.endsWith('?thread')) return null
      const built = await rollup({ ...bundle, input: id.slice(0, -'?thread'.length) })
      for (const file of built.watchFiles) this.addWatchFile(file)
      const {
        output: [chunk],
      } = await built.generate({ format: 'es' })
      const asset = this.emitFile({ type: 'asset', fileName: `${chunk.name}.mjs`, source: chunk.code })
      return `export default import.meta.ROLLUP_FILE_URL_${asset}`
    },
  }
}

/** What the collector serves: the SDK as built just before, and the demo as it is. */
function publicFiles() {
  const files = {
    '../dist/dwelltime.js': 'dwelltime.js',
    '../dist/dwelltime.full.js': 'dwelltime.full.js',
    '../demo': 'demo',
  }
  const types = ['', '.html', '.css', '.js', '.svg', '.webm', '.vtt'] // a directory has none
  return {
    name: 'public-files',
    async writeBundle() {
      await rm(here('dist/public'), { recursive: true, force: true })
      await mkdir(here('dist/public'))
      for (const [from, to] of Object.entries(files)) {
        try {
          await cp(here(from), here(`dist/public/${to}`), {
            recursive: true,
            filter: (file) => types.includes(extname(file)),
          })
        } catch (error) {
          this.error(`${to} could not be copied, is ${here(from)} built? ${error.message}`)
        }
      }
    },
  }
}
