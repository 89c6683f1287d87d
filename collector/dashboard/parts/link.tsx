import type { ComponentChildren } from 'preact'
import { type Address, writeAddress } from '../address/address.ts'
import { usePlace } from '../address/use-address.ts'

interface LinkProps {
  to: Address
  class?: string
  title?: string
  'aria-current'?: 'page'
  children: ComponentChildren
}

/** A real link: it can be copied and opened in another tab. Only addresses of ours ever become one. */
export function Link({ to, children, ...rest }: LinkProps) {
  const { go } = usePlace()
  return (
    <a
      {...rest}
      href={writeAddress(to)}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        go(to)
      }}
    >
      {children}
    </a>
  )
}
