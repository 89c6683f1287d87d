import { isbot } from 'isbot'

/** How coarse it is meant to be: what kind of screen somebody read on. `other`: nothing told. */
export const DEVICE_CLASSES = ['desktop', 'mobile', 'tablet', 'other'] as const
export type DeviceClass = (typeof DEVICE_CLASSES)[number]

/** What is kept of a sender; its user agent and its address are not. */
export interface Sender {
  device: DeviceClass
  isBot: boolean
}

/** Longer ones are no browser's; no pattern has to look at them. */
const MAX_USER_AGENT = 512

const TABLET = /iPad|Tablet|PlayBook|Silk|Kindle|Android(?!.*Mobile)/i
const MOBILE = /Mobi|iPhone|iPod|Android|IEMobile|Opera Mini/i
const DESKTOP = /Windows NT|Macintosh|X11|CrOS/i

/** An iPad says that it is a Mac unless asked otherwise, so it counts as one. */
export function readUserAgent(header: string | undefined): Sender {
  const userAgent = (header ?? '').slice(0, MAX_USER_AGENT)
  return { device: deviceClass(userAgent), isBot: isbot(userAgent) }
}

function deviceClass(userAgent: string): DeviceClass {
  if (TABLET.test(userAgent)) return 'tablet'
  if (MOBILE.test(userAgent)) return 'mobile'
  return DESKTOP.test(userAgent) ? 'desktop' : 'other'
}
