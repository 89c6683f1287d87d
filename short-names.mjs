import { parse } from '@babel/parser'
import babel from '@babel/traverse'

const traverse = babel.default ?? babel

/** By how often JavaScript has them anyway, which compresses better; two letters when one is not enough. */
const LETTERS = [...'etniorasldcufpmhgvywbkSxIATERDMLUOPGjBqCHJNQWXYZ_$FKV']
const NAMES = [...LETTERS, ...LETTERS.flatMap((first) => ['e', 't', 'n', 'r'].map((second) => first + second))]
const KEYWORDS = ['do', 'if', 'in', 'of', 'as', 'is', 'at']

/** All variables of `code`: where each is named, and in which scopes its name must not mean another one. */
function findVariables(code) {
  const variables = new Map()
  const globals = new Set()
  traverse(parse(code, { sourceType: 'unambiguous' }), {
    Identifier(path) {
      if (!path.isReferencedIdentifier() && !path.isBindingIdentifier()) return
      const { node, parent, key } = path
      const isName = parent.type === 'FunctionDeclaration' && key === 'id' // belongs to the scope around the function
      const scope = isName ? path.scope.parent : path.scope
      const binding = scope.getBinding(node.name)
      if (!binding || binding.scope.path.isProgram()) return void globals.add(node.name) // others may know it
      if (!variables.has(binding)) variables.set(binding, { scope: binding.scope, scopes: new Set(), places: [] })
      const { scopes, places } = variables.get(binding)
      for (let inner = scope; inner !== binding.scope; inner = inner.parent) scopes.add(inner)
      scopes.add(binding.scope)
      // `{ name }`, or `{ name = usual }`
      const isShorthand = parent.shorthand || (key === 'left' && path.parentPath.parent.shorthand)
      places.push({ at: node.start, old: node.name, isShorthand })
    },
  })
  return { variables: [...variables.values()], globals }
}

/**
 * Gives the variables of minified code the shortest names, the innermost scope first and in it the most used variable
 * first. Terser begins outside, and so the same small function has other names in each place; like this it has the
 * same ones, which brotli sees.
 */
export const shortNames = {
  name: 'short-names',
  renderChunk(code) {
    const { variables, globals } = findVariables(code)
    const endOf = ({ scope }) => scope.block.end
    variables.sort((a, b) => endOf(a) - endOf(b) || b.places.length - a.places.length)
    const named = []
    for (const one of variables) {
      const taken = named.filter((other) => other.scopes.has(one.scope) || one.scopes.has(other.scope))
      const isFree = (name) =>
        !globals.has(name) && !KEYWORDS.includes(name) && !taken.some((other) => other.name === name)
      one.name = NAMES.find(isFree)
      named.push(one)
    }
    const places = variables.flatMap(({ name, places }) => places.map((place) => ({ ...place, name })))
    let renamed = ''
    let at = 0
    for (const { at: from, old, isShorthand, name } of places.sort((a, b) => a.at - b.at)) {
      renamed += code.slice(at, from) + (isShorthand && old !== name ? `${old}:${name}` : name)
      at = from + old.length
    }
    return renamed + code.slice(at)
  },
}
