import { attach } from './script-tag.ts'
import { createDwell } from './start.ts'

attach(createDwell)
