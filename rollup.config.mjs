import resolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import dts from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'

/** What all browsers have had since Safari 15.4 of March 2022. */
const compile = () => esbuild({ target: 'es2022', tsconfig: false, jsx: 'automatic' })

/**
 * Properties that never leave the script: not on the wire, not in the store, not of the page's API. Terser may give
 * them short names; a name that a browser object has as well must not be here if we use that, too.
 */
const INTERNAL =
  /^(adopt|agree|beacon|claim|count|cut|doubt|drop|engaged|erase|gap|guard|isOff|judge|nextLook|read|readOwn|retry|retryAfter|settle|stand|step|suspend|timeoutMs|tryAgain|turn|wall|withdraw)$/

const minify = () =>
  terser({
    ecma: 2020,
    compress: { passes: 3, loops: false, pure_getters: true },
    mangle: { properties: { builtins: true, regex: INTERNAL } },
  })

/** `let` for `const`: the same to the engine, shorter, and terser can join them with the other declarations. */
const shorten = { name: 'shorten', renderChunk: (code) => code.replace(/\bconst\b/g, 'let') }

/** For npm: entry → ESM, CJS and the types of each. */
const library = {
  index: 'src/index.ts',
  sections: 'src/sections.ts',
  vitals: 'src/vitals.ts',
  react: 'src/react/index.ts',
  protocol: 'src/protocol/record.ts',
}

/** For the script tag: entry → one self-contained file. */
const scripts = { dwelltime: 'src/auto.ts', 'dwelltime.full': 'src/auto-full.ts' }

const external = ['idb-keyval', 'web-vitals', 'dwelltime', 'react', 'react/jsx-runtime']

export default [
  ...Object.entries(library).flatMap(([name, input]) => [
    {
      input,
      external,
      plugins: [compile()],
      output: [
        { file: `dist/${name}.js`, format: 'es' },
        { file: `dist/${name}.cjs`, format: 'cjs' },
      ],
    },
    {
      input,
      external,
      plugins: [dts()],
      output: [
        { file: `dist/${name}.d.ts`, format: 'es' },
        { file: `dist/${name}.d.cts`, format: 'es' },
      ],
    },
  ]),
  ...Object.entries(scripts).map(([name, input]) => ({
    input,
    plugins: [resolve(), compile(), shorten, minify()],
    output: { file: `dist/${name}.js`, format: 'iife', strict: false },
  })),
]
