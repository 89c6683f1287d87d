/** An element with its attributes and children. Strings become text nodes, so a stored title can never be markup. */
export function element(tag, attributes, ...children) {
  return furnish(document.createElement(tag), attributes, children)
}

/** The same for SVG. */
export function drawing(tag, attributes, ...children) {
  return furnish(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

function furnish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined) node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

/** Writes a text only if it differs: selections survive, and a live region speaks once. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text
}
