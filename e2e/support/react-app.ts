import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export type ReactVersion = 18 | 19

/** An app as its own bundler makes it of the published build, with this React. */
export async function bundleReact(version: ReactVersion, app: string, options: BuildOptions = {}): Promise<string> {
  const modules = `${ROOT}${version === 18 ? 'e2e/react-18/' : ''}node_modules/`
  const { outputFiles } = await build({
    stdin: { contents: app, resolveDir: ROOT, loader: 'tsx' },
    alias: { react: `${modules}react`, 'react-dom': `${modules}react-dom` },
    define: { 'process.env.NODE_ENV': '"development"' },
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    write: false,
    logLevel: 'silent',
    ...options,
  })
  return outputFiles![0]!.text
}
