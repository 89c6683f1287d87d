import { webkitDriver } from '../../../e2e/support/webkit.ts'
import type { Driver } from './driver.ts'
import { coverWithPopup } from './popup.ts'

export const driveWebkit = async (): Promise<Driver> => ({
  engine: await webkitDriver.launch(),
  cannot: {
    openWindow: 'the driver minimises all windows but one',
    freeze: 'the engine has no such event',
    touch: 'the driver has a mouse and keys only',
    answerDialog: 'while a dialog is open its driver answers nothing',
    typeInFrames: 'the driver gives the focus back to the page before it types',
    unattended: 'no prerendering, and its driver is always attached',
  },
  can: {
    // Whatever hides a page here is a minimised window.
    minimise: (tab) => tab.hide(),
    restore: (tab) => tab.show(),
    coverWithWindow: coverWithPopup,
  },
})
