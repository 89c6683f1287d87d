import type { EngineName } from './engine.ts'

export function isPresent(name: EngineName): boolean
export function webkitBrowser(): string | undefined
export function ensureBrowsers(names?: EngineName[]): Promise<Record<string, string>>
