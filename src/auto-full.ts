import { askForVitals } from './browser/web-vitals.ts'
import { createExtensibleDwell } from './extend.ts'
import { attach } from './script-tag.ts'
import { sections } from './sections.ts'
import { vitals } from './vitals.ts'

attach((options, start) => {
  if (options.enabled !== false) askForVitals()
  const dwell = createExtensibleDwell(options, start)
  vitals(dwell)
  return { ...dwell, ...sections(dwell) }
})
