import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** The one page of the demo that is made of components: React, and `dwelltime/react` as npm has it. */
export function demoApp() {
  return {
    name: 'demo-app',
    writeBundle: {
      sequential: true, // after the public files are there
      handler: () =>
        build({
          entryPoints: [here('../demo/react/app.tsx')],
          outfile: here('dist/public/demo/react/app.js'),
          alias: { 'dwelltime/react': here('../src/react/index.ts'), dwelltime: here('../src/index.ts') },
          define: { 'process.env.NODE_ENV': '"production"' },
          ...{ bundle: true, minify: true, format: 'esm', target: 'es2022', jsx: 'automatic', logLevel: 'warning' },
        }),
    },
  }
}
