import { useEffect, useMemo, useState } from 'preact/hooks'
import { type Address, CHOICES, type FilterName, withFilter } from '../address/address.ts'
import { dateIn } from '../address/days.ts'
import { usePlace } from '../address/use-address.ts'
import { useReading } from '../ask/reading.ts'
import { useReport } from '../ask/use-answer.ts'
import { Field, TextField } from './field.tsx'

const SPANS = [
  [1, 'Today'],
  [7, 'Last 7 days'],
  [30, 'Last 30 days'],
  [90, 'Last 90 days'],
  [365, 'Last 365 days'],
] as const

interface FilterBarProps {
  /** Filters of this view beside site, days and zone. */
  more: readonly FilterName[]
  hasDays: boolean
}

/** Which days, of which site, pages and people. */
export function FilterBar({ more, hasDays }: FilterBarProps) {
  const { address, days, go } = usePlace()
  const { refresh } = useReading()
  const isIdle = useIdle() // by then the figures have been asked
  const asked = { end_date: days.end_date, timezone: address.timezone }
  const choices = useReport('choices', isIdle ? asked : undefined, { isLast: true })
  const choicesOf = (kind: FilterName) =>
    (choices.value ?? []).filter((choice) => choice.kind === kind).map(({ name }) => name)
  const { site } = address.filter
  const set = more.filter((name) => address.filter[name] !== undefined)
  const [isMore, setMore] = useState(set.length > 0)

  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <Field label="Site">
        {(id) => (
          <select
            id={id}
            value={address.filter.site ?? ''}
            onChange={(event) => go(withFilter(address, 'site', event.currentTarget.value))}
          >
            <option value="">All sites</option>
            {withChosen(choicesOf('site'), address.filter.site).map((site) => (
              <option key={site} value={site}>
                {site}
              </option>
            ))}
          </select>
        )}
      </Field>
      {hasDays && <DayFields />}
      <ZoneField />
      <button type="button" class="refresh" onClick={refresh}>
        Refresh
      </button>
      {more.length > 0 && (
        <details class="more" open={isMore} onToggle={(event) => setMore(event.currentTarget.open)}>
          <summary>More filters{set.length > 0 && <span class="count"> {set.length} set</span>}</summary>
          <div>
            {more.map((name) => (
              <MoreField key={name} name={name} address={address} go={go} choices={choicesOf(name)} />
            ))}
            {set.length > 0 && (
              <button
                type="button"
                class="clear"
                onClick={() => go({ ...address, portion: 1, filter: site === undefined ? {} : { site } })}
              >
                Clear
              </button>
            )}
          </div>
        </details>
      )}
    </form>
  )
}

/** Hundreds of zones: when there is nothing else to do, and not with everything else that changes. */
function ZoneField() {
  const { address, go } = usePlace()
  const { timezone } = address
  const isIdle = useIdle()
  const options = useMemo(
    () =>
      withChosen(isIdle ? Intl.supportedValuesOf('timeZone') : [], 'UTC', timezone).map((zone) => (
        <option key={zone} value={zone}>
          {zone.replaceAll('_', ' ')}
        </option>
      )),
    [isIdle, timezone],
  )
  return (
    <Field label="Time zone">
      {(id) => (
        <select id={id} value={timezone} onChange={(event) => go({ ...address, timezone: event.currentTarget.value })}>
          {options}
        </select>
      )}
    </Field>
  )
}

/** Whether there was a moment with nothing to do. Safari has no idle callbacks. */
function useIdle(): boolean {
  const [isIdle, setIdle] = useState(false)
  useEffect(() => {
    const run = () => setIdle(true)
    if (!window.requestIdleCallback) {
      const timer = setTimeout(run, 200)
      return () => clearTimeout(timer)
    }
    const call = requestIdleCallback(run)
    return () => cancelIdleCallback(call)
  }, [])
  return isIdle
}

function DayFields() {
  const { address, days, go } = usePlace()
  const today = dateIn(address.timezone, Date.now())
  return (
    <>
      <Field label="Range">
        {(id) => (
          <select
            id={id}
            value={address.days === undefined ? 'dates' : String(address.days)}
            onChange={(event) => chooseSpan(event.currentTarget.value)}
          >
            {SPANS.map(([amount, name]) => (
              <option key={amount} value={String(amount)}>
                {name}
              </option>
            ))}
            {address.days !== undefined && !SPANS.some(([amount]) => amount === address.days) && (
              <option value={String(address.days)}>Last {address.days} days</option>
            )}
            <option value="dates">From … to …</option>
          </select>
        )}
      </Field>
      <Field label="From">
        {(id) => (
          <input
            id={id}
            type="date"
            max={today}
            value={days.start_date}
            onChange={(event) => setDates(event.currentTarget.value, days.end_date)}
          />
        )}
      </Field>
      <Field label="To">
        {(id) => (
          <input
            id={id}
            type="date"
            max={today}
            value={days.end_date}
            onChange={(event) => setDates(days.start_date, event.currentTarget.value)}
          />
        )}
      </Field>
    </>
  )

  function chooseSpan(value: string): void {
    const { from: _, to: __, ...rest } = address
    if (value === 'dates') setDates(days.start_date, days.end_date)
    else go({ ...rest, portion: 1, days: Number(value) })
  }

  function setDates(from: string, to: string): void {
    if (!from || !to) return
    const { days: _, ...rest } = address
    go({ ...rest, portion: 1, ...(from <= to ? { from, to } : { from: to, to: from }) })
  }
}

const LABELS: Record<FilterName, string> = {
  ...{ site: 'Site', page: 'Page', page_group: 'Group', campaign: 'Campaign', referrer: 'Referrer' },
  ...{ device: 'Device', user: 'User', bots: 'Bots' },
}

interface MoreFieldProps {
  name: FilterName
  address: Address
  go: (address: Address) => void
  choices: readonly string[]
}

function MoreField({ name, address, go, choices }: MoreFieldProps) {
  const value = address.filter[name] ?? ''
  const set = (next: string) => go(withFilter(address, name, next))
  if (name === 'bots') {
    return (
      <Field label={LABELS.bots}>
        {(id) => (
          <select
            id={id}
            value={value || 'include'}
            onChange={(event) => set(event.currentTarget.value.replace('include', ''))}
          >
            <option value="include">Included</option>
            <option value="exclude">Left out</option>
          </select>
        )}
      </Field>
    )
  }
  const fixed = CHOICES[name]
  if (!fixed) {
    const hint = name === 'page' ? '/learn/*' : 'Any'
    return <TextField label={LABELS[name]} value={value} placeholder={hint} choices={choices} onSet={set} />
  }
  return (
    <Field label={LABELS[name]}>
      {(id) => (
        <select id={id} value={value} onChange={(event) => set(event.currentTarget.value)}>
          <option value="">Any</option>
          {fixed.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** The list with what is chosen, even if it would not offer it. */
const withChosen = (choices: readonly string[], ...chosen: (string | undefined)[]) =>
  [...new Set([...choices, ...chosen.filter((each) => each !== undefined)])].sort()
