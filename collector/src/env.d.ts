/** A text file, inlined by the bundler. */
declare module '*?raw' {
  const text: string
  export default text
}

/** A module for a thread of its own, put into a file beside by the bundler; its URL. */
declare module '*?thread' {
  const url: string
  export default url
}
