import { expect, test } from 'vitest'
// @ts-expect-error: what only the build uses has no types
import { shortNames } from '../short-names.mjs'

const rename = (code: string): string => shortNames.renderChunk(code)

/** What `code`, the body of a function, answers where `e` and `t` are names of others. */
const run = (code: string): unknown => Function('e', 't', code)('their e', 'their t')

test.each([
  ['a shadowed name', 'let one=1;let f=(one)=>one+1;return [f(5),one]'],
  [
    'a closure over several scopes',
    'let a=1,b=2;let f=()=>{let c=3;return ()=>{let d=4;return [a,b,c,d]}};return f()()',
  ],
  ['a function with its own name for a parameter', 'let a=1,b=a+a+a;function f(g,f){return f*g+g+b}return f(4,5)'],
  ['scopes that end together', 'let f=a=>b=>[a,a,a,b];return f(1)(2)'],
  ['a named function expression', 'let f=function g(n){return n?n*g(n-1):1};return f(5)'],
  ['functions before they are declared', 'return f(2);function f(n){return g(n)+1}function g(n){return n*n}'],
  ['objects by their names', 'let at=1,wall=2;let m={at,wall};let{at:x,wall:y=5,other=7}=m;return [m,x,y,other]'],
  ['destructured parameters', 'let f=({at,wall=3},[first,,last=9])=>({at,wall,first,last});return f({at:1},[4,5])'],
  ['assignments to what is destructured', 'let a,b;({a,b=4}={a:1,b:2});[a,b]=[b,a];return [a,b]'],
  ['the default of a parameter', 'let a=2;let f=(b=a,c=()=>a+b)=>{let d=c();return d};return f()'],
  [
    'loops',
    'let out=[];for(let i in {x:1,y:2})out.push(i);for(let [k,v] of [[1,2]])out.push(k+v);let j;for(j of [7]);return [out,j]',
  ],
  ['what is caught', 'let e=1;try{throw 2}catch(error){e+=error}return e'],
  ['names of others', 'let one=1;return [one,e,t]'],
  ['globals', 'let list=[3,1,2];return Math.max(...list)+Number(JSON.stringify(list).length)'],
  ['blocks', 'let a=1;{let a=2;{let a=3;var out=[a]}out.push(a)}out.push(a);return out'],
])('%s: the same with other names', (_, body) => {
  const code = `let outcome=()=>{${body}};`
  expect(run(`${rename(code)}return outcome()`)).toEqual(run(`${code}return outcome()`))
})

test('the same function has the same names wherever it stands', () => {
  const inner = '(first,second)=>first-second'
  const code = `let f=()=>{let a=1,b=2,c=3;return[[a,b,c].sort(${inner}),(g)=>(h)=>[g,h,a].sort(${inner})]};`
  const [, one] = /sort\(([^)]*\)=>[^)]*)\)/.exec(rename(code))!
  expect(rename(code).split(one!)).toHaveLength(3)
})

test('there are names for more variables than letters', () => {
  const names = Array.from({ length: 100 }, (_, i) => `name${i}`)
  const code = `let outcome=()=>{let ${names.map((name, i) => `${name}=${i}`)};return [${names}]};`
  expect(run(`${rename(code)}return outcome()`)).toEqual(names.map((_, i) => i))
})
