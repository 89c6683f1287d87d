import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import resolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import { transform } from 'esbuild'
import esbuild from 'rollup-plugin-esbuild'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** The chart library's own few rules come first. */
const STYLES = [fileURLToPath(import.meta.resolve('uplot/dist/uPlot.min.css')), here('dashboard/style.css')]

/** What is bundled, and has to keep its notice. */
const BUNDLED = ['preact', 'uplot']

/** The page at `/`: one script and one style sheet under names of their content, so that browsers keep them for good. */
export const dashboard = {
  input: here('dashboard/main.tsx'),
  plugins: [
    inEnglish(),
    resolve({ browser: true }),
    esbuild({ target: 'es2022', tsconfig: here('dashboard/tsconfig.json') }),
    terser({ ecma: 2020, module: true, compress: { passes: 2 } }),
    pageFiles(),
  ],
  output: {
    ...{ format: 'es', dir: here('dist/public/dashboard'), entryFileNames: 'dashboard-[hash].js' },
    banner: `/*! Contains ${BUNDLED.join(' and ')}, see /dashboard/licenses.txt */`,
  },
}

/**
 * uPlot writes numbers in the browser's language, which in WebKit may be `C`, after the system: no language, and so the
 * whole script would end there. The page is in English anyway.
 */
function inEnglish() {
  const theirs = "domEnv ? nav.language : 'en-US'"
  return {
    name: 'in-english',
    transform(code, id) {
      if (!id.endsWith('uPlot.esm.js')) return null
      if (!code.includes(theirs)) this.error('uPlot asks for the language in another way')
      return { code: code.replace(theirs, "'en'"), map: null }
    },
  }
}

function pageFiles() {
  return {
    name: 'page-files',
    async writeBundle({ dir }, bundle) {
      await mkdir(dir, { recursive: true })
      const script = Object.values(bundle).find((chunk) => chunk.isEntry)
      const css = (await Promise.all(STYLES.map((file) => readFile(file, 'utf8')))).join('\n')
      const { code } = await transform(css, { loader: 'css', minify: true, target: 'es2022' })
      const style = `dashboard-${createHash('sha256').update(code).digest('hex').slice(0, 8)}.css`
      const html = (await readFile(here('dashboard/index.html'), 'utf8'))
        .replace('%STYLE%', style)
        .replace('%SCRIPT%', script.fileName)
      const files = {
        [script.fileName]: script.code,
        [style]: code,
        'index.html': html,
        'licenses.txt': await licenses(),
        'icon.svg': await readFile(here('dashboard/icon.svg'), 'utf8'),
      }
      for (const [name, text] of Object.entries(files)) {
        await writeFile(join(dir, name), text)
        await writeFile(join(dir, `${name}.br`), await promisify(brotliCompress)(text))
        await writeFile(join(dir, `${name}.gz`), await promisify(gzip)(text, { level: 9 }))
      }
    },
  }
}

async function licenses() {
  const texts = BUNDLED.map(async (name) => {
    const file = new URL('LICENSE', import.meta.resolve(`${name}/package.json`))
    return `${name}\n\n${await readFile(file, 'utf8')}`
  })
  return (await Promise.all(texts)).join('\n\n')
}
