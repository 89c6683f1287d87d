import type { EngineName } from './engine.ts'

export function isPresent(name: EngineName): boolean
export function webkitBrowser(): string | undefined
