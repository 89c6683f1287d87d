import { breaks } from './breaks.ts'
import { campaigns } from './campaigns.ts'
import { choices } from './choices.ts'
import { dataQuality } from './data-quality.ts'
import { distribution, sessionDistribution } from './distribution.ts'
import { inactiveUsers } from './inactive-users.ts'
import { now } from './now.ts'
import { overview } from './overview.ts'
import { pages } from './pages.ts'
import { reading } from './reading.ts'
import { retention } from './retention.ts'
import { sessionLengths } from './session-lengths.ts'
import { survival } from './survival.ts'
import { thresholds } from './thresholds.ts'
import { timeline } from './timeline.ts'
import { timers } from './timers.ts'
import { trend } from './trend.ts'
import { users } from './users.ts'

/** Every report under `/api/reports/{name}`. */
export const REPORTS = [
  overview,
  pages,
  survival,
  sessionLengths,
  timeline,
  breaks,
  thresholds,
  timers,
  campaigns,
  retention,
  inactiveUsers,
  trend,
  dataQuality,
  distribution,
  sessionDistribution,
  reading,
  users,
  now,
  choices,
] as const
